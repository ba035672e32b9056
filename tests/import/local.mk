# Rules that are imported, and what becomes of them; a folder that is kept as it is.

TESTS += tests/import/test_import.py
EXTRA_DIST += tests/import/expected tests/import/rules tests/import/test_import.py
