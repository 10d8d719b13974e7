/* A program in the foreground, as if we were not there. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

#define REST 500 /* hundredths of a second */

#define N_PASSED_ON (sizeof(passed_on) / sizeof(*passed_on))

static volatile sig_atomic_t group; /* the child's; 0: there is none */
static bool by_key; /* which our group would have had, too */
static pid_t last; /* whose group was the last one */
static volatile sig_atomic_t asked; /* the signal that came for us */

/* A terminal's signals reach the child by themselves: it is in front. */
static void
pass_on(int number)
{
	asked = number;
	if (group)
		(void)kill(-(pid_t)group, number);
}

static void
handle_signals(struct sigaction old[N_PASSED_ON])
{
	const struct sigaction act = { .sa_handler = pass_on };

	for (size_t i = 0; i < N_PASSED_ON; i++) {
		(void)sigaction(passed_on[i], NULL, &old[i]);
		if (old[i].sa_handler != SIG_IGN)
			(void)sigaction(passed_on[i], &act, NULL);
	}
}

static void
restore_signals(const struct sigaction old[N_PASSED_ON])
{
	for (size_t i = 0; i < N_PASSED_ON; i++)
		(void)sigaction(passed_on[i], &old[i], NULL);
}

static bool
is_in_front(int terminal, pid_t of)
{
	return terminal >= 0 && tcgetpgrp(terminal) == of;
}

/* Who is not in front is stopped for it, if the signal is not held up. */
static void
put_in_front(int terminal, pid_t of)
{
	sigset_t out, old;

	if (terminal < 0)
		return;
	(void)sigemptyset(&out);
	(void)sigaddset(&out, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &out, &old);
	(void)tcsetpgrp(terminal, of);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
}

static void
become(char *const *argv, int attempt, int terminal, int tell,
    const struct sigaction old[N_PASSED_ON])
{
	char number[16];

	snprintf(number, sizeof(number), "%d", attempt);
	(void)setenv("REJUNIT_ATTEMPT", number, 1);
	/* who is killed cannot say it to others */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* a rerun selects its tests by name, of whatever share they are */
	if (attempt > 0) {
		(void)unsetenv("GTEST_TOTAL_SHARDS");
		(void)unsetenv("GTEST_SHARD_INDEX");
	}
	(void)setpgid(0, 0);
	put_in_front(terminal, getpid());
	restore_signals(old);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execvp(argv[0], argv);
	(void)!write(tell, &errno, sizeof(errno));
	_exit(EXIT_NO_PROGRAM);
}

/*
 * Who stopped because it is not in front is put there, if we are. Else, all of
 * our group stop, as they would have without us; and go on together, in front
 * or behind, as the shell has it then.
 */
static void
stop_with(pid_t pid, int terminal, int number)
{
	bool wants = number == SIGTTIN || number == SIGTTOU;

	if (!(wants && is_in_front(terminal, getpgrp()))) {
		if (is_in_front(terminal, pid))
			put_in_front(terminal, getpgrp());
		(void)kill(0, SIGTSTP);
	}
	if (is_in_front(terminal, getpgrp()))
		put_in_front(terminal, pid);
	(void)kill(-pid, SIGCONT);
}

/* Who pressed the key for that meant us, too: it reached the child alone. */
static void
note_end(int number, bool in_front)
{
	if (number != SIGINT && number != SIGQUIT)
		return;
	by_key = in_front && !asked;
	asked = number;
}

static int
wait_for(pid_t pid, int terminal)
{
	int status;

	for (;;) {
		if (waitpid(pid, &status, WUNTRACED) < 0) {
			if (errno != EINTR)
				return EXIT_NO_PROGRAM;
		} else if (WIFSTOPPED(status)) {
			stop_with(pid, terminal, WSTOPSIG(status));
		} else if (WIFSIGNALED(status)) {
			note_end(WTERMSIG(status), is_in_front(terminal, pid));
			return 128 + WTERMSIG(status);
		} else {
			return WEXITSTATUS(status);
		}
	}
}

/* What kept it from starting; 0: it has started. */
static int
trouble_of(int from)
{
	int number = 0;
	ssize_t n;

	do
		n = read(from, &number, sizeof(number));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(number) ? number : 0;
}

int
run_child(char *const *argv, int attempt, int *trouble)
{
	struct sigaction old[N_PASSED_ON];
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	bool in_front = is_in_front(terminal, getpgrp());
	int tell[2], status = EXIT_NO_PROGRAM;
	pid_t pid;

	*trouble = 0;
	if (pipe(tell) != 0) {
		*trouble = errno;
		return EXIT_NO_PROGRAM;
	}
	for (int i = 0; i < 2; i++)
		(void)fcntl(tell[i], F_SETFD, FD_CLOEXEC);
	handle_signals(old);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		become(argv, attempt, in_front ? terminal : -1, tell[1], old);
	if (pid < 0)
		*trouble = errno;
	(void)close(tell[1]);
	if (pid > 0) {
		/* whoever of the two is first */
		(void)setpgid(pid, pid);
		if (in_front)
			put_in_front(terminal, pid);
		group = last = pid;
		/* what came before there was a group */
		if (asked)
			(void)kill(-pid, (int)asked);
		*trouble = trouble_of(tell[0]);
		status = wait_for(pid, terminal);
		group = 0;
		if (is_in_front(terminal, pid))
			put_in_front(terminal, getpgrp());
	}
	(void)close(tell[0]);
	if (terminal >= 0)
		(void)close(terminal);
	restore_signals(old);
	if (*trouble)
		return *trouble == ENOENT ? EXIT_NO_PROGRAM : EXIT_NOT_RUN;
	return status;
}

/* Whoever of its group is still there, if it is not for long. */
void
wait_for_rest(void)
{
	const struct timespec moment = { 0, 10000000 };

	for (int i = 0; i < REST && last && kill(-last, 0) == 0; i++)
		(void)nanosleep(&moment, NULL);
}

bool
asked_by_key(void)
{
	return by_key;
}

int
asked_to_end(void)
{
	return asked ? (int)asked : caught_signal();
}
