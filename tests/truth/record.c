/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE 8192

struct recorder {
	int socket;
	int pids; /* our end of TRUTH_PIDS; -1 without a driver */
	int done; /* ends when all are gone */
	FILE *out;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		die(path);
	strcpy(address.sun_path, path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) || chmod(path, 0777))
		die(path);
	return fd;
}

/* Takes one report; the kernel says who sent it. */
static void take_report(struct recorder *recorder)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr aligned;
	} control;
	char text[MESSAGE + 1];
	struct iovec part = { text, MESSAGE };
	struct msghdr head = { .msg_iov = &part,
			       .msg_iovlen = 1,
			       .msg_control = &control,
			       .msg_controllen = sizeof(control) };
	ssize_t length = recvmsg(recorder->socket, &head, 0);
	struct cmsghdr *cmsg = length > 0 ? CMSG_FIRSTHDR(&head) : NULL;
	struct ucred sender;

	if (!cmsg || cmsg->cmsg_type != SCM_CREDENTIALS)
		die("a report without a sender");
	memcpy(&sender, CMSG_DATA(cmsg), sizeof(sender));
	text[length] = '\0';
	fprintf(recorder->out, "{\"pid\":%d,%s}\n", (int)sender.pid, text);
}

/* The number before the wanted one was used last: so the kernel believes. */
static void set_next_pid(struct recorder *recorder)
{
	pid_t pid;
	char number[16];
	int length, fd;
	char answer = 'n';

	if (recv(recorder->pids, &pid, sizeof(pid), 0) != sizeof(pid)) {
		close(recorder->pids);
		recorder->pids = -1;
		return;
	}
	length = snprintf(number, sizeof(number), "%d", (int)pid - 1);
	fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, number, (size_t)length) == length)
		answer = 'y';
	if (fd >= 0)
		close(fd);
	if (send(recorder->pids, &answer, 1, MSG_NOSIGNAL) != 1)
		recorder->pids = -1;
}

bool record_next_pid(pid_t pid)
{
	char answer;

	return send(TRUTH_PIDS, &pid, sizeof(pid), MSG_NOSIGNAL) == sizeof(pid) &&
	       recv(TRUTH_PIDS, &answer, 1, 0) == 1 && answer == 'y';
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	strcpy(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die(path);
	return fd;
}

static void start_driver(struct recorder *recorder, const char *path, uid_t uid, gid_t gid,
			 char *const driver[])
{
	int pair[2], ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) || pipe2(ends, O_CLOEXEC))
		die("a driver's descriptors");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		if (dup2(connect_to(path), TRUTH_SOCKET) < 0 || dup2(pair[1], TRUTH_PIDS) < 0 ||
		    dup2(ends[1], TRUTH_DONE) < 0 || setgroups(0, NULL) || setgid(gid) ||
		    setuid(uid))
			die("a driver");
		execv(driver[0], driver);
		die(driver[0]);
	}
	close(pair[1]);
	close(ends[1]);
	recorder->pids = pair[0];
	recorder->done = ends[0];
}

static bool is_over(struct recorder *recorder)
{
	char byte;

	return read(recorder->done, &byte, 1) == 0;
}

int record(const char *path, const char *out, uid_t uid, gid_t gid, char *const driver[])
{
	struct recorder recorder = { .pids = -1, .done = STDIN_FILENO };

	recorder.socket = listen_on(path);
	recorder.out = fopen(out, "ae");
	if (!recorder.out)
		die(out);
	if (driver)
		start_driver(&recorder, path, uid, gid, driver);
	for (;;) {
		struct pollfd fds[] = { { .fd = recorder.socket, .events = POLLIN },
					{ .fd = recorder.pids, .events = POLLIN },
					{ .fd = recorder.done, .events = POLLIN } };

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			die("poll");
		if (fds[0].revents)
			take_report(&recorder);
		else if (fds[1].revents)
			set_next_pid(&recorder);
		else if (fds[2].revents && is_over(&recorder))
			break;
	}
	unlink(path);
	return fclose(recorder.out) ? 1 : 0;
}
