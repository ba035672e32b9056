/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "privilege/account.h"
#include "privilege/drop.h"
#include "privilege/filter.h"
#include "privilege/folder.h"

#define PASSWD	   "/etc/passwd"
#define STATE_MODE 0700
#define LOG_MODE   0750
#define METRICS_MODE 0755
#define LOG_FOLDER LOCALSTATEDIR "/log/auspawn"

struct teller {
	privilege_log log;
	void *user;
};

__attribute__((format(printf, 3, 4))) static void tell(const struct teller *teller,
						       enum message_number number,
						       const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	teller->log(teller->user, number, text);
}

/* Returns whether there is somebody to become. */
static bool find_account(const char *name, struct account *account, const struct teller *teller)
{
	int error;

	if (geteuid() != 0) {
		tell(teller, MESSAGE_NOT_ROOT,
		     "not started as root: of other users' processes little is seen");
		return false;
	}
	error = account_find(PASSWD, name, account);
	if (error == -ENOENT)
		tell(teller, MESSAGE_STILL_ROOT,
		     "there is no user '%s' in " PASSWD
		     ": it runs as root, without root's capabilities; "
		     "make one, then restart auditd: useradd --system --user-group "
		     "--no-create-home --home-dir / "
		     "--shell /usr/sbin/nologin %s",
		     name, name);
	else if (error)
		tell(teller, MESSAGE_STILL_ROOT,
		     PASSWD " can't be read: %s; it runs as root, without root's capabilities",
		     strerror(-error));
	else if (account->uid == 0)
		tell(teller, MESSAGE_STILL_ROOT, "user '%s' is root: it runs without root's capabilities",
		     name);
	return !error && account->uid != 0;
}

static void tell_not_given(const struct teller *teller, const char *path, int error,
			   const char *name)
{
	if (error == -EPERM)
		tell(teller, MESSAGE_NOT_GIVEN,
		     "%s is neither user %s's nor root's alone: it is left as it is", path, name);
	else if (error)
		tell(teller, MESSAGE_NOT_GIVEN, "%s can't be given to user %s: %s", path, name,
		     strerror(-error));
}

static bool is_in_log_folder(const char *path)
{
	size_t length = strlen(LOG_FOLDER);

	return !strncmp(path, LOG_FOLDER "/", length + 1) && !strchr(path + length + 1, '/');
}

/* A folder that is there is somebody's, and stays theirs. */
static void give_metrics(const struct privilege_settings *settings, const struct account *account,
			 const struct teller *teller)
{
	char *copy = mem_strdup(settings->metrics);
	const char *folder = dirname(copy);

	if (access(folder, F_OK))
		tell_not_given(teller, folder, folder_give(folder, METRICS_MODE, account),
			       settings->user);
	free(copy);
}

static void give_places(const struct privilege_settings *settings, const struct account *account,
			const struct teller *teller)
{
	int error = folder_give(settings->state_dir, STATE_MODE, account);

	tell_not_given(teller, settings->state_dir, error, settings->user);
	for (size_t i = 0; i < 2; i++) {
		const char *path = settings->output[i];

		if (!path)
			continue;
		/* The one that is installed is ours as a whole, so that files in it can be rotated.
		 */
		error = is_in_log_folder(path) ? folder_give(LOG_FOLDER, LOG_MODE, account)
					       : folder_give_file(path, account);
		tell_not_given(teller, path, error, settings->user);
	}
	if (settings->metrics)
		give_metrics(settings, account, teller);
}

static void enter_filter(const struct teller *teller)
{
	int error = filter_install();

	if (error)
		tell(teller, MESSAGE_PRIVILEGES, "system calls can't be filtered: %s", strerror(-error));
}

struct names *privilege_enter(const struct privilege_settings *settings, privilege_log log,
			      void *user)
{
	const struct teller teller = { log, user };
	struct account account;
	bool found = find_account(settings->user, &account, &teller);
	struct names *names = names_start(found ? &account : NULL, NAMES_PATIENCE_S);
	int error;

	if (!names)
		tell(&teller, MESSAGE_NO_HELPER, "the helper for user names can't be started: %s",
		     strerror(errno));
	/* Without its capabilities root, too, writes only to what is root's. */
	if (!found)
		account = (struct account){ geteuid(), getegid() };
	if (geteuid() == 0)
		give_places(settings, &account, &teller);
	error = drop_to(found ? &account : NULL, DROP_KEEP_READING);
	if (error)
		tell(&teller, MESSAGE_PRIVILEGES, "privileges can't be dropped as they should be: %s",
		     strerror(-error));
	if (settings->sandbox)
		enter_filter(&teller);
	else
		tell(&teller, MESSAGE_NO_SANDBOX, "'sandbox' is off: system calls are not filtered");
	return names;
}

void privilege_describe(struct privilege_facts *facts)
{
	char *text = NULL;

	account_name(PASSWD, geteuid(), facts->user, sizeof(facts->user));
	if (!capng_get_caps_process())
		text = capng_print_caps_text(CAPNG_PRINT_BUFFER, CAPNG_EFFECTIVE);
	facts->capabilities = mem_strdup(text ? text : "unknown");
	free(text);
	facts->no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	facts->filtered = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
}

void privilege_facts_clear(struct privilege_facts *facts)
{
	free(facts->capabilities);
	*facts = (struct privilege_facts){ 0 };
}
