/* Programs that are started without a shell. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define ANSWER_MAX ((size_t)64 * 1024)
#define NAP	   50 /* milliseconds */

/* --- words --------------------------------------------------------------- */

/* Takes one word, unquoted, from *at on; false: a quote does not end. */
static bool
take_word(const char **at, char *to)
{
	char quote = '\0';

	for (; **at && (quote || !strchr(" \t\n", **at)); ++*at) {
		char c = **at;

		if (quote == '\'' ? c != '\'' : c == '\\') {
			bool means =
			    quote == '\0' || (quote == '"' && (*at)[1] &&
						 strchr("\"\\$`\n", (*at)[1]));

			if (quote != '\'' && means) {
				if (!*++*at)
					return false;
				if (**at == '\n')
					continue;
			}
			*to++ = **at;
		} else if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? '\0' : c;
		} else {
			*to++ = c;
		}
	}
	*to = '\0';
	return !quote;
}

char **
split_words(const char *s)
{
	size_t n = strlen(s), count = 0;
	/* no word is longer than what it is written as */
	char **words = malloc((n / 2 + 2) * sizeof(*words) + 2 * n + 2);
	char *text = words ? (char *)&words[n / 2 + 2] : NULL;

	while (words) {
		s += strspn(s, " \t\n");
		if (!*s)
			break;
		words[count++] = text;
		if (!take_word(&s, text)) {
			free(words);
			errno = EINVAL;
			return NULL;
		}
		text += strlen(text) + 1;
	}
	if (words)
		words[count] = NULL;
	return words;
}

/* --- a conversation ------------------------------------------------------ */

struct talk {
	pid_t pid;
	int to; /* -1: it has been told all */
	int from;
	const char *said;
	size_t left;
	char *answer;
	size_t n;
	bool cut;
};

static void
become(char **words, const int to[2], const int from[2])
{
	signal(SIGPIPE, SIG_DFL);
	(void)setpgid(0, 0);
	if (dup2(to[0], STDIN_FILENO) >= 0 && dup2(from[1], STDOUT_FILENO) >= 0)
		execvp(words[0], words);
	_exit(errno == ENOENT ? 127 : 126);
}

static bool
start(struct talk *t, char **words)
{
	int to[2], from[2] = { -1, -1 };

	if (pipe(to) != 0)
		return false;
	if (pipe(from) != 0) {
		(void)close(to[0]);
		(void)close(to[1]);
		return false;
	}
	for (int i = 0; i < 2; i++) {
		(void)fcntl(to[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(from[i], F_SETFD, FD_CLOEXEC);
	}
	t->pid = fork();
	if (t->pid == 0)
		become(words, to, from);
	/* whoever of the two is first */
	if (t->pid > 0)
		(void)setpgid(t->pid, t->pid);
	(void)close(to[0]);
	(void)close(from[1]);
	t->to = to[1];
	t->from = from[0];
	(void)fcntl(t->to, F_SETFL, O_NONBLOCK);
	if (t->pid > 0)
		return true;
	(void)close(t->to);
	(void)close(t->from);
	return false;
}

static void
tell(struct talk *t)
{
	ssize_t n = write(t->to, t->said, t->left);

	if (n > 0) {
		t->said += n;
		t->left -= (size_t)n;
	}
	/* it may not want to hear it */
	if (t->left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		(void)close(t->to);
		t->to = -1;
	}
}

/* False: it has said all. */
static bool
listen_to(struct talk *t)
{
	char more[4096];
	ssize_t n = read(t->from, more, sizeof(more));
	size_t room = ANSWER_MAX - t->n;

	if (n < 0)
		return errno == EINTR;
	t->cut = t->cut || (size_t)n > room;
	room = (size_t)n < room ? (size_t)n : room;
	memcpy(t->answer + t->n, more, room);
	t->n += room;
	return n > 0;
}

static long long
milliseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Its number stays its own until it is waited for. */
static bool
has_ended(const struct talk *t)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)t->pid, &info,
		   WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid == t->pid;
}

/* False: the time is up, or somebody wants all of this to end. */
static bool
talk(struct talk *t, long long end)
{
	struct pollfd fds[2];
	long long left;
	int ready;

	while ((left = end - milliseconds()) > 0) {
		fds[0] = (struct pollfd){ t->from, POLLIN, 0 };
		fds[1] = (struct pollfd){ t->to, POLLOUT, 0 };
		ready =
		    poll(fds, t->to < 0 ? 1 : 2, left < NAP ? (int)left : NAP);
		if (ready < 0)
			return errno != EINTR;
		/* what it has left running does not hold us up */
		if (ready == 0 && has_ended(t))
			return true;
		if (t->to >= 0 && fds[1].revents)
			tell(t);
		if (fds[0].revents && !listen_to(t))
			return true;
	}
	return false;
}

/* Its status, if it ends within the time; what it started ends with it. */
static bool
end_of(struct talk *t, bool in_time, long long end, int *status)
{
	const struct timespec nap = { 0, 5000000 };
	bool ended = false;

	while (in_time && !(ended = has_ended(t)) && milliseconds() < end)
		if (nanosleep(&nap, NULL) != 0)
			break;
	(void)kill(-t->pid, SIGKILL);
	while (waitpid(t->pid, status, 0) < 0 && errno == EINTR)
		;
	return ended;
}

/* What stands in a page: neither cut within a character, nor with a NUL. */
static void
settle_answer(struct talk *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->answer[i] == '\0')
			t->answer[i] = ' ';
	while (t->cut && t->n &&
	       ((unsigned char)t->answer[t->n - 1] & 0xc0) == 0x80)
		t->n--;
	if (t->cut && t->n && (unsigned char)t->answer[t->n - 1] >= 0xc0)
		t->n--;
	memcpy(t->answer + t->n, t->cut ? "\n(cut)" : "", t->cut ? 7 : 1);
}

/* Why there is no answer; empty: there is one. */
static void
judge(const struct talk *t, bool in_time, bool is_late, int seconds, int status,
    char trouble[128])
{
	*trouble = '\0';
	if (!in_time && !is_late)
		snprintf(trouble, 128, "it was interrupted");
	else if (!in_time)
		snprintf(trouble, 128, "it took longer than %d s", seconds);
	else if (WIFSIGNALED(status))
		snprintf(trouble, 128, "it was ended by signal %d",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) == 127 && t->n == 0)
		snprintf(trouble, 128, "there is no such program");
	else if (WEXITSTATUS(status) == 126 && t->n == 0)
		snprintf(trouble, 128, "no such program may be run");
	else if (WEXITSTATUS(status))
		snprintf(
		    trouble, 128, "it exited with %d", WEXITSTATUS(status));
}

const char *
ask_command(const char *command, const char *said, size_t n, int seconds,
    char **answer, char trouble[128])
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct talk t = { .said = said, .left = n };
	long long end = milliseconds() + seconds * 1000LL;
	char **words;
	int status = 0;

	*answer = NULL;
	t.answer = malloc(ANSWER_MAX + 64);
	words = t.answer ? split_words(command) : NULL;
	if (!words || !words[0]) {
		snprintf(trouble, 128, "%s",
		    words	      ? "there is no command"
		    : errno == EINVAL ? "a quote in the command does not end"
				      : "out of memory");
		free(words);
		free(t.answer);
		return trouble;
	}
	(void)sigaction(SIGPIPE, &ignore, &old);
	if (start(&t, words)) {
		bool in_time = talk(&t, end);

		in_time = end_of(&t, in_time, end, &status);
		judge(&t, in_time, milliseconds() >= end, seconds, status,
		    trouble);
		(void)close(t.from);
		if (t.to >= 0)
			(void)close(t.to);
	} else {
		snprintf(
		    trouble, 128, "it cannot be started: %s", strerror(errno));
	}
	(void)sigaction(SIGPIPE, &old, NULL);
	settle_answer(&t);
	free(words);
	if (*trouble) {
		free(t.answer);
		return trouble;
	}
	*answer = t.answer;
	return NULL;
}
