#include "investigate/category.h"

#include "list/signature.h"

static const struct {
	const char *name;
	const char *mend;
} categories[RJ_CATEGORIES] = {
	[RJ_CATEGORY_UNKNOWN] = { "unknown",
	    "Nothing here points to one cause. Collect what is listed as "
	    "missing, or capture a failing run and look at it." },
	[RJ_ORDER] = { "order dependency",
	    "Find what the earlier test leaves behind (module state, files, "
	    "settings, patches) and undo it in that test's teardown; or set up "
	    "in this test what it silently relies on." },
	[RJ_SHARED_STATE] = { "shared state",
	    "Give each test its own copy of what they share, or reset it "
	    "before "
	    "each of them." },
	[RJ_IN_FIXTURE] = { "fixture",
	    "Mend the fixture: make its setup wait for what it starts, check "
	    "what it hands out, and make its teardown undo all of it even "
	    "after "
	    "a failure." },
	[RJ_MOCKS] = { "monkeypatch or mock leakage",
	    "Patch within a context or fixture that takes the patch back, and "
	    "patch the name where it is used." },
	[RJ_TIME] = { "time",
	    "Freeze or inject the clock, use time zones explicitly, and do not "
	    "compare two readings of the clock across a boundary." },
	[RJ_RANDOMNESS] = { "randomness",
	    "Seed the generator in the test and print the seed; if only some "
	    "values fail, they are a bug: add them as cases of their own." },
	[RJ_ENVIRONMENT_VARIABLE] = { "environment variable",
	    "Set or clear the variable in the test itself, and read it there "
	    "instead of at import." },
	[RJ_FILE_SYSTEM] = { "file system",
	    "Use a temporary folder of the test's own, close files before they "
	    "are moved or removed, and do not rely on order or case of "
	    "names." },
	[RJ_DATABASE] = { "database",
	    "Give each test a transaction or schema of its own, wait until the "
	    "server is ready, and retry what the database says may be "
	    "retried." },
	[RJ_NETWORK] = { "network",
	    "Put a fake in place of the remote side, bind to port 0, wait "
	    "until "
	    "the server listens, and set time limits and retries on purpose." },
	[RJ_ASYNC] = { "async", "Await the very thing that is expected instead "
				"of sleeping, and end "
				"or cancel every task before the test ends." },
	[RJ_THREADS] = { "thread race",
	    "Join or signal threads instead of sleeping, and guard what they "
	    "share; a race detector or a stress run shows where." },
	[RJ_SUBPROCESS] = { "subprocess",
	    "Wait for the process to say that it is ready, read its output, "
	    "check its exit status, and end it in teardown." },
	[RJ_WORKER_ISOLATION] = { "worker isolation",
	    "Derive ports, paths and names of databases from the worker's "
	    "number, or keep these tests on one worker." },
	[RJ_PLATFORM] = { "platform or dependency",
	    "Compare the versions and settings of the two sides, pin what "
	    "differs, or mend what the test assumes of its platform." },
	[RJ_RESOURCES] = { "resource or timeout",
	    "Find out what it waits for; raise the limit only if the work is "
	    "legitimately slow, and free what piles up before it." },
	[RJ_CACHE] = { "cache", "Clear the cache before the test, or key it by "
				"all that its content "
				"depends on." },
	[RJ_UNORDERED] = { "unordered or floating point",
	    "Sort before comparing, compare sets as sets, and floating point "
	    "with a tolerance that the calculation justifies." },
};

const char *
rj_category_name(enum rj_category c)
{
	return categories[c].name;
}

const char *
rj_category_mend(enum rj_category c)
{
	return categories[c].mend;
}

/* --- words --------------------------------------------------------------- */

/*
 * In the order in which they are looked for: what names a cause stands before
 * what names a symptom that many causes have. Small letters match either case.
 */
static const struct {
	enum rj_category category;
	const char *words;
} table[] = {
	/* what was to fail and did not names what it would have been */
	{ RJ_CATEGORY_UNKNOWN, "did not raise" },
	{ RJ_CATEGORY_UNKNOWN, "not raised" },
	{ RJ_CATEGORY_UNKNOWN, "expected exception" },

	/* leaks of tests' own helpers */
	{ RJ_MOCKS, "unittest.mock" },
	{ RJ_MOCKS, "to have been called" },
	{ RJ_MOCKS, "to be called once" },
	{ RJ_MOCKS, "called 0 times" },
	{ RJ_MOCKS, "expected mock" },
	{ RJ_MOCKS, "assert_called" },
	{ RJ_MOCKS, "magicmock" },
	{ RJ_MOCKS, "monkeypatch" },
	{ RJ_MOCKS, "wanted but not invoked" },
	{ RJ_MOCKS, "unnecessary stubbing" },
	{ RJ_IN_FIXTURE, "failed on setup with" },
	{ RJ_IN_FIXTURE, "fixture '" },
	{ RJ_IN_FIXTURE, "beforeeach hook" },
	{ RJ_IN_FIXTURE, "before each\" hook" },
	{ RJ_IN_FIXTURE, "before all\" hook" },
	{ RJ_IN_FIXTURE, "setupclass" },
	{ RJ_IN_FIXTURE, "scopemismatch" },
	{ RJ_WORKER_ISOLATION, "worker 'gw" },
	{ RJ_WORKER_ISOLATION, "xdist" },
	{ RJ_WORKER_ISOLATION, "different tests were collected" },

	/* databases */
	{ RJ_DATABASE, "database is locked" },
	{ RJ_DATABASE, "deadlock detected" },
	{ RJ_DATABASE, "deadlock found when trying to get lock" },
	{ RJ_DATABASE, "lock wait timeout" },
	{ RJ_DATABASE, "could not serialize access" },
	{ RJ_DATABASE, "duplicate key value" },
	{ RJ_DATABASE, "unique constraint" },
	{ RJ_DATABASE, "foreign key constraint" },
	{ RJ_DATABASE, "no such table" },
	{ RJ_DATABASE, "sqlite3." },
	{ RJ_DATABASE, "sqlite_busy" },
	{ RJ_DATABASE, "psycopg" },
	{ RJ_DATABASE, "sqlalchemy" },
	{ RJ_DATABASE, "pymysql" },
	{ RJ_DATABASE, "java.sql." },
	{ RJ_DATABASE, "sqlexception" },
	{ RJ_DATABASE, "psqlexception" },
	{ RJ_DATABASE, "activerecord::" },
	{ RJ_DATABASE, "pymongo" },
	{ RJ_DATABASE, "mongoerror" },
	{ RJ_DATABASE, "redis.exceptions" },
	{ RJ_DATABASE, "too many clients" },

	/* resources */
	{ RJ_RESOURCES, "out of memory" },
	{ RJ_RESOURCES, "outofmemory" },
	{ RJ_RESOURCES, "memoryerror" },
	{ RJ_RESOURCES, "cannot allocate memory" },
	{ RJ_RESOURCES, "bad_alloc" },
	{ RJ_RESOURCES, "too many open files" },
	{ RJ_RESOURCES, "no space left on device" },
	{ RJ_RESOURCES, "disk quota exceeded" },
	{ RJ_RESOURCES, "can't start new thread" },
	{ RJ_RESOURCES, "unable to create new native thread" },
	{ RJ_RESOURCES, "resource temporarily unavailable" },
	{ RJ_RESOURCES, "recursion limit" },
	{ RJ_RESOURCES, "maximum recursion depth" },
	{ RJ_RESOURCES, "stack overflow" },
	{ RJ_RESOURCES, "stackoverflowerror" },
	{ RJ_RESOURCES, "process memory" },
	{ RJ_RESOURCES, "garbage collect" },
	{ RJ_RESOURCES, "heap space" },

	/* processes */
	{ RJ_SUBPROCESS, "subprocess." },
	{ RJ_SUBPROCESS, "subprocesses" },
	{ RJ_SUBPROCESS, "timed out waiting for process" },
	{ RJ_SUBPROCESS, "failed to start worker process" },
	{ RJ_SUBPROCESS, "calledprocesserror" },
	{ RJ_SUBPROCESS, "non-zero exit status" },
	{ RJ_SUBPROCESS, "exit code" },
	{ RJ_SUBPROCESS, "exited with code" },
	{ RJ_SUBPROCESS, "child process" },
	{ RJ_SUBPROCESS, "broken pipe" },
	{ RJ_SUBPROCESS, "brokenprocesspool" },
	{ RJ_SUBPROCESS, "killedworker" },
	{ RJ_SUBPROCESS, "exec: \"" },

	/* network */
	{ RJ_NETWORK, "address already in use" },
	{ RJ_NETWORK, "eaddrinuse" },
	{ RJ_NETWORK, "is already in use" },
	{ RJ_NETWORK, "connection refused" },
	{ RJ_NETWORK, "econnrefused" },
	{ RJ_NETWORK, "connectionrefused" },
	{ RJ_NETWORK, "connection reset" },
	{ RJ_NETWORK, "econnreset" },
	{ RJ_NETWORK, "connection aborted" },
	{ RJ_NETWORK, "connection closed" },
	{ RJ_NETWORK, "remote end closed" },
	{ RJ_NETWORK, "connectionerror" },
	{ RJ_NETWORK, "closederror" },
	{ RJ_NETWORK, "unclosed comm" },
	{ RJ_NETWORK, "unclosed connection" },
	{ RJ_NETWORK, "unclosed client session" },
	{ RJ_NETWORK, "enotfound" },
	{ RJ_NETWORK, "no route to host" },
	{ RJ_NETWORK, "network is unreachable" },
	{ RJ_NETWORK, "name or service not known" },
	{ RJ_NETWORK, "name resolution" },
	{ RJ_NETWORK, "getaddrinfo" },
	{ RJ_NETWORK, "unknownhostexception" },
	{ RJ_NETWORK, "sockettimeout" },
	{ RJ_NETWORK, "socket hang up" },
	{ RJ_NETWORK, "trying to connect" },
	{ RJ_NETWORK, "while connecting to" },
	{ RJ_NETWORK, "handshake" },
	{ RJ_NETWORK, "ssl.sslerror" },
	{ RJ_NETWORK, "certificate" },
	{ RJ_NETWORK, "http 5" },
	{ RJ_NETWORK, "httpclienterror" },
	{ RJ_NETWORK, "503 service" },
	{ RJ_NETWORK, "502 bad gateway" },
	{ RJ_NETWORK, "504 gateway" },
	{ RJ_NETWORK, "429 too many" },
	{ RJ_NETWORK, "rate limit" },
	{ RJ_NETWORK, "net::err_" },
	{ RJ_NETWORK, "stream is closed" },

	/* async */
	{ RJ_ASYNC, "was never awaited" },
	{ RJ_ASYNC, "'coroutine' object" },
	{ RJ_ASYNC, "coroutine object" },
	{ RJ_ASYNC, "event loop" },
	{ RJ_ASYNC, "future exception was never retrieved" },
	{ RJ_ASYNC, "task was destroyed" },
	{ RJ_ASYNC, "futurecancellederror" },
	{ RJ_ASYNC, "futurescancellederror" },
	{ RJ_ASYNC, "cancellederror" },
	{ RJ_ASYNC, "unhandled promise" },
	{ RJ_ASYNC, "unhandledrejection" },
	{ RJ_ASYNC, "done() called multiple times" },
	{ RJ_ASYNC, "ensure the done() callback" },
	{ RJ_ASYNC, "not wrapped in act" },
	{ RJ_ASYNC, "detached from the dom" },
	{ RJ_ASYNC, "stale element" },
	{ RJ_ASYNC, "<task pend" },

	/* threads */
	{ RJ_THREADS, "data race" },
	{ RJ_THREADS, "race condition" },
	{ RJ_THREADS, "deadlock" },
	{ RJ_THREADS, "concurrentmodification" },
	{ RJ_THREADS, "concurrent map" },
	{ RJ_THREADS, "changed size during iteration" },
	{ RJ_THREADS, "thread(s) were leaked" },
	{ RJ_THREADS, "<thread(" },
	{ RJ_THREADS, "sampling thread" },
	{ RJ_THREADS, "sanitizer: data" },
	{ RJ_THREADS, "semaphore" },
	{ RJ_THREADS, "lock was not" },

	/* files */
	{ RJ_FILE_SYSTEM, "no such file or directory" },
	{ RJ_FILE_SYSTEM, "filenotfound" },
	{ RJ_FILE_SYSTEM, "enoent" },
	{ RJ_FILE_SYSTEM, "file exists" },
	{ RJ_FILE_SYSTEM, "fileexistserror" },
	{ RJ_FILE_SYSTEM, "eexist" },
	{ RJ_FILE_SYSTEM, "directory not empty" },
	{ RJ_FILE_SYSTEM, "enotempty" },
	{ RJ_FILE_SYSTEM, "notadirectoryerror" },
	{ RJ_FILE_SYSTEM, "isadirectoryerror" },
	{ RJ_FILE_SYSTEM, "permissionerror" },
	{ RJ_FILE_SYSTEM, "permission denied" },
	{ RJ_FILE_SYSTEM, "being used by another process" },
	{ RJ_FILE_SYSTEM, "nosuchfileexception" },
	{ RJ_FILE_SYSTEM, "read-only file system" },
	{ RJ_FILE_SYSTEM, "stale file handle" },
	{ RJ_FILE_SYSTEM, "templatenotfound" },

	/* caches */
	{ RJ_CACHE, "cache miss" },
	{ RJ_CACHE, "cache hit" },
	{ RJ_CACHE, "cached" },
	{ RJ_CACHE, "stale" },

	/* what is installed */
	{ RJ_PLATFORM, "deprecat" },
	{ RJ_PLATFORM, "futurewarning" },
	{ RJ_PLATFORM, "versionwarning" },
	{ RJ_PLATFORM, "settingwithcopywarning" },
	{ RJ_PLATFORM, "modulenotfound" },
	{ RJ_PLATFORM, "importerror" },
	{ RJ_PLATFORM, "cannot find module" },
	{ RJ_PLATFORM, "classnotfound" },
	{ RJ_PLATFORM, "noclassdeffound" },
	{ RJ_PLATFORM, "nosuchmethoderror" },
	{ RJ_PLATFORM, "undefined symbol" },
	{ RJ_PLATFORM, "unexpected keyword argument" },
	{ RJ_PLATFORM, "missing 1 required positional" },
	{ RJ_PLATFORM, "does not support dtype" },
	{ RJ_PLATFORM, "has no attribute '__version__'" },
	{ RJ_PLATFORM, "illegal instruction" },
	{ RJ_PLATFORM, "glibc" },

	/* settings */
	{ RJ_ENVIRONMENT_VARIABLE, "os.environ" },
	{ RJ_ENVIRONMENT_VARIABLE, "environment variable" },
	{ RJ_ENVIRONMENT_VARIABLE, "process.env" },
	{ RJ_ENVIRONMENT_VARIABLE, "unset variable" },
	{ RJ_ENVIRONMENT_VARIABLE, "locale" },

	/* chance and the clock */
	{ RJ_RANDOMNESS, "random" },
	{ RJ_RANDOMNESS, "hypothesis." },
	{ RJ_RANDOMNESS, "falsifying example" },
	{ RJ_RANDOMNESS, "seed" },
	{ RJ_TIME, "datetime.datetime(" },
	{ RJ_TIME, "= time()" },
	{ RJ_TIME, "time.time()" },
	{ RJ_TIME, "perf_counter" },
	{ RJ_TIME, "monotonic()" },
	{ RJ_TIME, "date.now" },
	{ RJ_TIME, "freezegun" },
	{ RJ_TIME, "timezone" },
	{ RJ_TIME, "time zone" },
	{ RJ_TIME, "daylight saving" },
	{ RJ_TIME, "localdate" },
	{ RJ_TIME, "tzinfo" },
	{ RJ_TIME, "elapsed" },
	{ RJ_TIME, "timestamp" },
	{ RJ_TIME, "clock skew" },
	{ RJ_TIME, "token expired" },

	/* how things compare */
	{ RJ_UNORDERED, "not almost equal" },
	{ RJ_UNORDERED, "not equal to tolerance" },
	{ RJ_UNORDERED, "assert_allclose" },
	{ RJ_UNORDERED, "approx(" },
	{ RJ_UNORDERED, "is not close to" },
	{ RJ_UNORDERED, "to be close to" },
	{ RJ_UNORDERED, "within delta" },
	{ RJ_UNORDERED, "floating point" },
	{ RJ_UNORDERED, "in any order" },
	{ RJ_UNORDERED, "order of" },
	{ RJ_UNORDERED, "dict_keys(" },

	/* symptoms of many causes */
	{ RJ_RESOURCES, "timed out" },
	{ RJ_RESOURCES, "timeout" },
	{ RJ_RESOURCES, "time-out" },
	{ RJ_RESOURCES, "deadline exceeded" },
	{ RJ_RESOURCES, "condition not reached" },
	{ RJ_RESOURCES, "took too long" },
	{ RJ_RESOURCES, "too slow" },
	{ RJ_RESOURCES, "after waiting" },
	{ RJ_RESOURCES, "exception ignored in" },
	{ RJ_RESOURCES, "resourcewarning" },
	{ RJ_RESOURCES, "weakref at" },
	{ RJ_SHARED_STATE, "already exists" },
	{ RJ_SHARED_STATE, "already registered" },
	{ RJ_SHARED_STATE, "already contains" },
	{ RJ_SHARED_STATE, "already initialized" },
	{ RJ_SHARED_STATE, "already been" },
	{ RJ_SHARED_STATE, "already started" },
	{ RJ_SHARED_STATE, "not initialized" },
	{ RJ_SHARED_STATE, "leaked" },
	{ RJ_SHARED_STATE, "left over" },
	{ RJ_SHARED_STATE, "singleton" },
};

#define TEXT_MAX 2048 /* bytes of each that are looked at */

static bool
is_letter(char c)
{
	return rj_ascii_lower(c) >= 'a' && rj_ascii_lower(c) <= 'z';
}

/* A word begins there, or a further one within, as in ReadTimeout. */
static bool
begins_a_word(struct rj_str s, size_t at)
{
	char c = s.s[at], before = at ? s.s[at - 1] : ' ';

	return !is_letter(c) || !is_letter(before) ||
	       (c != rj_ascii_lower(c) && before == rj_ascii_lower(before));
}

static bool
is_there(struct rj_str text, const char *words)
{
	for (size_t at = 0; at < text.n; at++) {
		size_t n = 0;

		while (words[n] && at + n < text.n &&
		       rj_ascii_lower(text.s[at + n]) == words[n])
			n++;
		if (!words[n] && begins_a_word(text, at))
			return true;
	}
	return false;
}

static struct rj_str
end_of(struct rj_str s, size_t most)
{
	return s.n > most ? rj_str_from(s, s.n - most) : s;
}

static bool
find(const struct rj_str *texts, int n, enum rj_category *found,
    struct rj_str *words)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		for (int k = 0; k < n; k++)
			if (is_there(texts[k], table[i].words)) {
				*words = rj_str(table[i].words);
				*found = table[i].category;
				return true;
			}
	return false;
}

enum rj_category
rj_category_of_words(struct rj_str type, struct rj_str message,
    struct rj_str trace, struct rj_str *words)
{
	/* the line that says what failed, before all that is around it */
	const struct rj_str first[] = { type,
		rj_str_cut(rj_what_failed(message, trace), TEXT_MAX) };
	const struct rj_str all[] = { rj_str_cut(message, TEXT_MAX),
		rj_str_cut(trace, TEXT_MAX), end_of(trace, TEXT_MAX) };
	enum rj_category found = RJ_CATEGORY_UNKNOWN;

	*words = (struct rj_str){ NULL, 0 };
	if (!find(first, 2, &found, words))
		(void)find(all, message.n ? 1 : 3, &found, words);
	return found;
}
