/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for programs that a recording must not run, or that are not installed: it does nothing. As the
 * parent of what is recorded, it starts STAND_IN_PROGRAM with STAND_IN_ARGUMENTS, each of which a unit
 * separator ends, and waits for it. They come by the environment because the arguments are recorded.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGUMENTS 64

static void start(const char *program, char *arguments)
{
	char *argv[MAX_ARGUMENTS + 1] = { NULL };
	char *end;

	for (int i = 0; i < MAX_ARGUMENTS && (end = strchr(arguments, '\x1f')); i++) {
		*end = '\0';
		argv[i] = arguments;
		arguments = end + 1;
	}
	execvp(program, argv);
	_exit(127);
}

int main(void)
{
	char *program = getenv("STAND_IN_PROGRAM");
	char *arguments = getenv("STAND_IN_ARGUMENTS");
	pid_t child;

	if (!program || !arguments)
		return 0;
	program = strdup(program);
	arguments = strdup(arguments);
	unsetenv("STAND_IN_PROGRAM");
	unsetenv("STAND_IN_ARGUMENTS");
	child = fork();
	if (child == 0)
		start(program, arguments);
	if (child > 0)
		waitpid(child, NULL, 0);
	return 0;
}
