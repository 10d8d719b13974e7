/*
 * measure SECONDS OUTPUT COMMAND...: runs the command with its standard output
 * in a file, and prints its wall time in ns, its peak resident memory in KiB
 * and its exit status; "limit" for the status if it was ended after SECONDS,
 * "signal" if it was ended otherwise. A process starts with the peak of the
 * one that started it: this one is small, an interpreter is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static volatile sig_atomic_t late;
static pid_t child;

static void
end_child(int sig)
{
	(void)sig;
	late = 1;
	kill(-child, SIGKILL);
}

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int
main(int argc, char **argv)
{
	struct sigaction on_alarm = { .sa_handler = end_child };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	struct rusage usage;
	long long start;
	int status, e;

	if (argc < 4)
		return 2;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(
	    &files, 1, argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	sigaction(SIGALRM, &on_alarm, NULL);
	start = now();
	e = posix_spawnp(&child, argv[3], &files, &attr, argv + 3, environ);
	if (e) {
		fprintf(stderr, "measure: %s: %s\n", argv[3], strerror(e));
		return 2;
	}
	alarm((unsigned int)atoi(argv[1]));
	while (wait4(child, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return 2;
	printf("%lld %ld ", now() - start, usage.ru_maxrss);
	if (WIFEXITED(status))
		printf("%d\n", WEXITSTATUS(status));
	else
		printf("%s\n", late ? "limit" : "signal");
	return 0;
}
