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

/* --- words ------------------------------------------------------------------
 */

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

/* --- a conversation ----------------------------------------------------------
 */

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

/* False: the time is up. */
static bool
talk(struct talk *t, int seconds)
{
	long long end = milliseconds() + seconds * 1000LL, left;
	struct pollfd fds[2];

	while ((left = end - milliseconds()) > 0) {
		fds[0] = (struct pollfd){ t->from, POLLIN, 0 };
		fds[1] = (struct pollfd){ t->to, POLLOUT, 0 };
		if (poll(fds, t->to < 0 ? 1 : 2, (int)left) < 0 &&
		    errno != EINTR)
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
	pid_t ended = 0;

	while (in_time && (ended = waitpid(t->pid, status, WNOHANG)) == 0 &&
	       milliseconds() < end)
		(void)nanosleep(&nap, NULL);
	(void)kill(-t->pid, SIGKILL);
	if (ended == t->pid)
		return true;
	(void)waitpid(t->pid, status, 0);
	return false;
}

const char *
ask_command(const char *command, const char *said, size_t n, int seconds,
    char **answer, char trouble[128])
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct talk t = { .said = said, .left = n };
	char **words = split_words(command);
	long long end = milliseconds() + seconds * 1000LL;
	int status = 0;
	bool in_time;

	*answer = NULL;
	t.answer = malloc(ANSWER_MAX + 64);
	if (!words || !words[0] || !t.answer) {
		snprintf(trouble, 128, "%s",
		    words && !words[0] ? "there is no command"
		    : t.answer	       ? "a quote in the command does not end"
				       : "out of memory");
		free(words);
		free(t.answer);
		return trouble;
	}
	(void)sigaction(SIGPIPE, &ignore, &old);
	if (!start(&t, words)) {
		snprintf(
		    trouble, 128, "it cannot be started: %s", strerror(errno));
		t.pid = -1;
	} else {
		in_time = talk(&t, seconds);
		in_time = end_of(&t, in_time, end, &status);
		(void)close(t.from);
		if (t.to >= 0)
			(void)close(t.to);
		*trouble = '\0';
		if (!in_time)
			snprintf(trouble, 128, "it took longer than %d seconds",
			    seconds);
		else if (WIFSIGNALED(status))
			snprintf(trouble, 128, "it was ended by signal %d",
			    WTERMSIG(status));
		else if (WEXITSTATUS(status) == 127 && t.n == 0)
			snprintf(trouble, 128, "there is no such program");
		else if (WEXITSTATUS(status))
			snprintf(trouble, 128, "it exited with %d",
			    WEXITSTATUS(status));
	}
	(void)sigaction(SIGPIPE, &old, NULL);
	t.answer[t.n] = '\0';
	if (t.cut)
		memcpy(t.answer + t.n, "\n(cut)", 7);
	free(words);
	if (*trouble) {
		free(t.answer);
		return trouble;
	}
	*answer = t.answer;
	return NULL;
}
