/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege/inheritance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 1024

/* auditd protects itself from the kernel's out-of-memory killer; a plugin can be started anew. */
static void reset_oom_score(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) < 0)
		errno = 0;
	close(fd);
}

static void reset_limits(void)
{
	static const int raised[] = { RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_AS };
	const struct rlimit none = { 0, 0 };
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(raised) / sizeof(raised[0]); i++) {
		if (getrlimit(raised[i], &limit))
			continue;
		limit.rlim_cur = limit.rlim_max;
		setrlimit(raised[i], &limit);
	}
	/* A core would hold the command lines of everybody. */
	setrlimit(RLIMIT_CORE, &none);
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_max > MAX_DESCRIPTORS) {
		limit = (struct rlimit){ MAX_DESCRIPTORS, MAX_DESCRIPTORS };
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void inheritance_reset_signals(void)
{
	for (int number = 1; number < NSIG; number++) {
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, SIG_DFL);
	}
}

static void ignore_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* What is forked here is not waited for. */
	signal(SIGCHLD, SIG_IGN);
}

static void reset_environment(void)
{
	clearenv();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C", 1);
}

static bool is_in(int fd, const int list[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == fd)
			return true;
	}
	return false;
}

void inheritance_close(const int kept[], size_t count)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		int fd = atoi(entry->d_name);

		if (fd > STDERR_FILENO && fd != dirfd(folder) && !is_in(fd, kept, count))
			close(fd);
	}
	if (folder)
		closedir(folder);
}

/* A file of ours that got the number of stderr would have messages written into it. */
static void open_first_three(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

void inheritance_reset(void)
{
	open_first_three();
	inheritance_close(NULL, 0);
	umask(027);
	setpriority(PRIO_PROCESS, 0, 0);
	reset_oom_score();
	reset_limits();
	inheritance_reset_signals();
	ignore_signals();
	reset_environment();
}
