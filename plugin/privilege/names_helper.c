/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privilege/names_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "privilege/drop.h"
#include "privilege/filter.h"
#include "privilege/inheritance.h"
#include "process/container_names.h"

#define LOOKUP_BUFFER	  16384
#define MAX_LOOKUP_BUFFER (1u << 20) /* a group with more members has no name */
#define RESTART_MS	  100

/* --- answers --- */

static enum users_answer give(struct names_reply *reply, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (!length || length >= sizeof(reply->name))
		return USERS_NAMELESS;
	memcpy(reply->name, text, length);
	return USERS_NAMED;
}

/* Returns 0, or what went wrong: ERANGE if the buffer is too small. */
static int look_up(const struct names_request *request, char *buffer, size_t size,
		   const char **text)
{
	int error;

	*text = NULL;
	if (request->is_group) {
		struct group group, *found = NULL;

		error = getgrgid_r(request->id, &group, buffer, size, &found);
		*text = !error && found ? group.gr_name : NULL;
	} else {
		struct passwd passwd, *found = NULL;

		error = getpwuid_r(request->id, &passwd, buffer, size, &found);
		*text = !error && found ? passwd.pw_name : NULL;
	}
	/* Some modules of name services put "not found" so. */
	return error == ENOENT || error == ESRCH ? 0 : error;
}

static enum users_answer ask_machine(const struct names_request *request, struct names_reply *reply)
{
	enum users_answer answer = USERS_LATER;
	size_t size = LOOKUP_BUFFER;
	const char *text = NULL;
	char *buffer = NULL;
	int error;

	do {
		buffer = mem_resize(buffer, size, 1);
		error = look_up(request, buffer, size, &text);
		size *= 4;
	} while (error == ERANGE && size <= MAX_LOOKUP_BUFFER);
	if (!error || error == ERANGE)
		answer = give(reply, text);
	free(buffer);
	return answer;
}

static enum users_answer ask_container(int procfs, const struct names_request *request,
				       struct names_reply *reply)
{
	const struct container_names_question question = {
		.pid = request->pid,
		.ticks = request->ticks,
		.id = request->id,
		.group = request->is_group,
	};
	char name[CONTAINER_NAMES_MAX];
	int error = container_names_ask(procfs, &question, name);

	if (!error)
		return give(reply, name);
	/* Another process of that container may still be there to be asked. */
	return error == -ESRCH || error == -EXDEV ? USERS_LATER : USERS_NAMELESS;
}

/* --- workers --- */

/* SIGALRM ends a worker that takes too long. */
static void answer_one(const struct names_request *request, int socket, int procfs,
		       unsigned int patience_s)
{
	struct names_reply reply;
	enum users_answer answer;

	memset(&reply, 0, sizeof(reply));
	reply.ticket = request->ticket;
	alarm(patience_s);
	if (procfs < 0)
		answer = ask_machine(request, &reply);
	else
		answer = ask_container(procfs, request, &reply);
	alarm(0);
	reply.answer = answer;
	/* There can be more questions, but nobody is there for the answers. */
	if (send(socket, &reply, sizeof(reply), MSG_NOSIGNAL) < 0 && errno == EPIPE)
		_exit(0);
}

static void work(int socket, int procfs, unsigned int patience_s) __attribute__((noreturn));
static void work(int socket, int procfs, unsigned int patience_s)
{
	struct names_request request;

	for (;;) {
		ssize_t length = recv(socket, &request, sizeof(request), 0);

		if (length == 0 || (length < 0 && errno != EINTR))
			_exit(0);
		if (length == sizeof(request))
			answer_one(&request, socket, procfs, patience_s);
	}
}

/* Ends with the one that forked it. PR_SET_PDEATHSIG does not survive a change of privileges. */
static void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(0);
}

static void be_worker(const struct names_helper *helper, enum names_of of, pid_t parent)
	__attribute__((noreturn));
static void be_worker(const struct names_helper *helper, enum names_of of, pid_t parent)
{
	int procfs = -1;

	for (int i = 0; i < NAMES_OF; i++) {
		if (i != (int)of)
			close(helper->sockets[i]);
	}
	signal(SIGALRM, SIG_DFL);
	if (of == NAMES_OF_CONTAINERS)
		procfs = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Modules of name services come from anywhere; they get nothing. */
	if (drop_to(NULL, of == NAMES_OF_CONTAINERS ? DROP_KEEP_READING : DROP_KEEP_NONE))
		_exit(0);
	end_with(parent);
	if (of == NAMES_OF_CONTAINERS && (procfs < 0 || filter_install()))
		_exit(0);
	work(helper->sockets[of], procfs, helper->patience_s);
}

static pid_t start_worker(const struct names_helper *helper, enum names_of of)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (!pid)
		be_worker(helper, of, parent);
	return pid;
}

/* --- the helper itself --- */

static void be_alone(const struct names_helper *helper)
{
	const struct rlimit nothing = { 0, 0 };
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	for (int i = 0; i <= STDERR_FILENO && fd >= 0; i++)
		dup2(fd, i);
	inheritance_close(helper->sockets, NAMES_OF);
	inheritance_reset_signals();
	/* A service manager that stops auditd signals all; the plugin may still have questions. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_FSIZE, &nothing);
	prctl(PR_SET_NAME, "auspawn-names", 0, 0, 0);
}

/* A worker that ends by itself has seen the end of its socket, or can't work. */
void names_helper_run(const struct names_helper *helper)
{
	const struct timespec pause = { 0, RESTART_MS * 1000000L };
	pid_t workers[NAMES_OF];
	int status;

	be_alone(helper);
	if (drop_to(helper->account, DROP_KEEP_READING))
		_exit(0);
	end_with(helper->plugin);
	for (int i = 0; i < NAMES_OF; i++)
		workers[i] = start_worker(helper, i);
	for (;;) {
		pid_t ended = waitpid(-1, &status, 0);

		if (ended < 0 && errno != EINTR)
			_exit(0);
		for (int i = 0; i < NAMES_OF && ended > 0; i++) {
			if (workers[i] != ended || WIFEXITED(status))
				continue;
			nanosleep(&pause, NULL);
			workers[i] = start_worker(helper, i);
		}
	}
}
