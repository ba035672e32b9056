# Rules that are imported, and what becomes of them; a folder that is kept as it is.

if HAVE_PYTHON3
TESTS += tests/import/test_import.py
endif
EXTRA_DIST += tests/import/expected tests/import/rules tests/import/test_import.py
