#include "list/mask.h"

#include <stdlib.h>
#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t
span(struct rj_str s, bool (*is)(char))
{
	size_t n = 0;

	while (n < s.n && is(s.s[n]))
		n++;
	return n;
}

static size_t
uuid_length(struct rj_str s)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };
	size_t at = 0;

	for (int i = 0; i < 5; i++) {
		if (i && (at >= s.n || s.s[at++] != '-'))
			return 0;
		if (span(rj_str_from(s, at), is_hex) != groups[i])
			return 0;
		at += groups[i];
	}
	return at;
}

/* An address, or a digest: eight hexadecimal digits, a number among them. */
static size_t
hex_length(struct rj_str s)
{
	size_t n;
	bool digit = false;

	if (rj_str_starts(s, RJ_STR("0x")) && s.n > 2 && is_hex(s.s[2]))
		return 2 + span(rj_str_from(s, 2), is_hex);
	n = span(s, is_hex);
	for (size_t i = 0; i < n; i++)
		digit = digit || is_digit(s.s[i]);
	return n >= 8 && digit && n == span(s, rj_is_word) ? n : 0;
}

/* A path below a folder for temporary files, to its end. */
static size_t
temporary_length(struct rj_str s)
{
	const struct rj_str folders[] = { RJ_STR("/tmp/"), RJ_STR("/var/tmp/"),
		RJ_STR("/var/folders/"), RJ_STR("/private/var/"),
		RJ_STR("/dev/shm/"), RJ_STR("C:\\Windows\\Temp\\"),
		RJ_STR("C:\\Users\\runneradmin\\AppData\\Local\\Temp\\") };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		size_t n = folders[i].n;

		if (!rj_str_starts(s, folders[i]))
			continue;
		while (n < s.n && !strchr(" \t\r\n\"'<>|,;)]}", s.s[n]))
			n++;
		return n;
	}
	return 0;
}

/* The name of a month or of a weekday, as they stand in dates. */
static size_t
date_word_length(struct rj_str s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec"
				    "MonTueWedThuFriSatSun";

	if (span(s, rj_is_word) != 3)
		return 0;
	for (size_t i = 0; i < sizeof(names) - 1; i += 3)
		if (memcmp(s.s, names + i, 3) == 0)
			return 3;
	return 0;
}

/* --- version 1: nothing here changes any more ---------------------------- */

bool
rj_mask_v1(struct rj_buf *out, struct rj_str line)
{
	bool ok = true, in_word = false;
	size_t at = 0, kept = 0; /* what stays as it is begins here */

	while (ok && at < line.n) {
		struct rj_str s = rj_str_from(line, at);
		size_t n = 0;

		if (!in_word)
			(void)((n = uuid_length(s)) || (n = hex_length(s)) ||
			       (n = temporary_length(s)) ||
			       (n = date_word_length(s)));
		if (n == 0)
			n = span(s, is_digit);
		in_word = rj_is_word(s.s[n ? n - 1 : 0]);
		if (n) {
			ok = rj_buf_add(out,
				 (struct rj_str){ line.s + kept, at - kept }) &&
			     rj_buf_add(out, RJ_STR("#"));
			kept = at + n;
		}
		at += n ? n : 1;
	}
	return ok && (kept == at || rj_buf_add(out, rj_str_from(line, kept)));
}

/* --- version 2, first: the words ------------------------------------------ */

/* Of a longer line, its beginning. */
#define LINE_BYTES ((size_t)8192)

struct masking {
	struct rj_buf *out;
	size_t from; /* where the line begins there */
	struct rj_str line;
	size_t at;
	size_t path_end; /* of a path that was looked at */
};

static struct rj_str
rest_of(const struct masking *m)
{
	return rj_str_from(m->line, m->at);
}

static char
last_of(const struct masking *m)
{
	return m->out->n > m->from ? m->out->s[m->out->n - 1] : ' ';
}

static bool
is_in(char c, const char *set)
{
	return c && strchr(set, c) != NULL;
}

/*
 * One mask for what is masked, and for all of that side by side: "3, 4" may be
 * "5" the next time.
 */
static bool
put_mask(struct masking *m)
{
	struct rj_buf *out = m->out;
	size_t end = out->n;

	while (end > m->from && out->n - end < 3 &&
	       is_in(out->s[end - 1], " .,:;/+-"))
		end--;
	if (end > m->from && out->s[end - 1] == '#') {
		out->n = end;
		return true;
	}
	/* a sign, and not a hyphen */
	if (out->n > m->from && is_in(last_of(m), "+-") &&
	    (out->n - m->from == 1 || is_in(out->s[out->n - 2], " ([{=,:<>")))
		out->n--;
	return rj_buf_add(out, RJ_STR("#"));
}

/* What a terminal was told to do, and how reports say that it was. */
static size_t
escape_length(struct rj_str s)
{
	const struct rj_str begins[] = { RJ_STR("\033["), RJ_STR("#x1B["),
		RJ_STR("#x1b["), RJ_STR("\\x1b["), RJ_STR("\\u001b[") };

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		size_t n = begins[i].n;

		if (!rj_str_starts(s, begins[i]))
			continue;
		while (n < s.n && (is_digit(s.s[n]) || s.s[n] == ';'))
			n++;
		if (n < s.n && is_in(s.s[n], "mKHJABCDG"))
			return n + 1;
	}
	return 0;
}

/* To what a word runs that is no longer known. */
static bool
ends_a_word(char c)
{
	return is_in(c, " \t\"'<>()[]{},;=|");
}

/* "...": what stood there is gone, and so is the rest of the word around it. */
static size_t
elided_length(struct masking *m)
{
	struct rj_str s = rest_of(m);
	size_t n = rj_str_starts(s, RJ_STR("..."))	      ? 3
		   : rj_str_starts(s, RJ_STR("\xe2\x80\xa6")) ? 3
							      : 0;

	/* at a word's end, it is what somebody wrote */
	if (n == 0 || n == s.n || is_in(s.s[n], " \t.\"'") ||
	    (ends_a_word(last_of(m)) && !rj_is_word(s.s[n]) &&
		!is_in(s.s[n], "/\\-")))
		return 0;
	while (n < s.n && !ends_a_word(s.s[n]))
		n++;
	while (m->out->n > m->from && !ends_a_word(last_of(m)))
		m->out->n--;
	return n;
}

/* --- paths */

static bool
is_separator(char c)
{
	return c == '/' || c == '\\';
}

static size_t
path_length(struct rj_str s)
{
	size_t n = 0;

	while (n < s.n && !is_in(s.s[n], " \t\r\"'<>|,;()[]{}`*?")) {
		/* of a drive, and not of a line's number */
		if (s.s[n] == ':' && n != 1)
			break;
		n++;
	}
	return n;
}

static bool
holds(struct rj_str s, const char *part)
{
	return rj_str_find(s, rj_str(part)) < s.n;
}

/* A part of the path is called so. */
static bool
has_part(struct rj_str path, const char *name)
{
	struct rj_str part = rj_str(name);

	for (size_t at = 0; at + part.n < path.n; at++)
		if (is_separator(path.s[at]) &&
		    rj_str_starts(rj_str_from(path, at + 1), part) &&
		    (at + 1 + part.n == path.n ||
			is_separator(path.s[at + 1 + part.n])))
			return true;
	return false;
}

static bool
is_temporary(struct rj_str path)
{
	static const char *const names[] = { "tmp", "Temp", "temp", "TEMP",
		"shm", NULL };

	for (const char *const *name = names; *name; name++)
		if (has_part(path, *name))
			return true;
	return holds(path, "/pytest-of-") || holds(path, "/var/folders/") ||
	       holds(path, "\\pytest-of-");
}

/* Where people and machines have their checkouts, and what is installed. */
static bool
is_of_a_machine(struct rj_str path)
{
	static const char *const roots[] = { "/home/", "/Users/", "/root/",
		"/builds/", "/build/", "/workspace/", "/workspaces/", "/__w/",
		"/usr/", "/opt/", "/var/", "/private/", "/mnt/", "/srv/",
		"/github/", "/drone/", "/bitbucket/", NULL };

	if (path.n > 2 && path.s[1] == ':')
		return true;
	for (const char *const *root = roots; *root; root++)
		if (rj_str_starts(path, rj_str(*root)))
			return true;
	return false;
}

/* The last two parts of a path, with plain slashes. */
static bool
put_end_of_path(struct masking *m, struct rj_str path)
{
	size_t at = path.n;
	bool ok = true;
	int parts = 0;

	while (at > 0 && parts < 2) {
		at--;
		/* a backslash that is escaped is one */
		parts += is_separator(path.s[at]) &&
			 (at + 1 == path.n || !is_separator(path.s[at + 1]));
	}
	while (at < path.n && is_separator(path.s[at]))
		at++;
	for (size_t from = at; at <= path.n && ok; at++) {
		if (at < path.n && !is_separator(path.s[at]))
			continue;
		ok = rj_mask_v1(
			 m->out, (struct rj_str){ path.s + from, at - from }) &&
		     (at == path.n || at + 1 == path.n ||
			 is_separator(path.s[at + 1]) ||
			 rj_buf_add(m->out, RJ_STR("/")));
		from = at + 1;
	}
	return ok;
}

/* An absolute path: its last two parts, or nothing where it is temporary. */
static bool
put_path(struct masking *m, size_t *taken)
{
	struct rj_str s = rest_of(m), path;
	bool of_a_drive = s.n > 2 && rj_is_word(s.s[0]) && s.s[1] == ':' &&
			  is_separator(s.s[2]);

	*taken = 0;
	if (m->at < m->path_end ||
	    (!of_a_drive && (s.n < 2 || s.s[0] != '/' || !rj_is_word(s.s[1]))))
		return true;
	path = (struct rj_str){ s.s, path_length(s) };
	/* what it is, is found out once */
	m->path_end = m->at + path.n;
	if (is_temporary(path)) {
		*taken = path.n;
		return put_mask(m);
	}
	if (!is_of_a_machine(path))
		return true;
	*taken = path.n;
	return put_end_of_path(m, path);
}

/* --- numbers */

static const char *const units[] = { "B", "kB", "KB", "MB", "GB", "TB", "kiB",
	"KiB", "MiB", "GiB", "TiB", "byte", "bytes", "ns", "us", "\xc2\xb5s",
	"ms", "s", "sec", "secs", "second", "seconds", "millisecond",
	"milliseconds", "m", "min", "mins", "minute", "minutes", "h", "hour",
	"hours", NULL };

/* A number's unit, which is another one when it is larger. */
static size_t
unit_length(struct rj_str s)
{
	size_t blank = s.n && s.s[0] == ' ';
	struct rj_str unit = rj_str_from(s, blank);

	unit.n = span(unit, rj_is_word);
	for (const char *const *u = units; unit.n && *u; u++)
		if (rj_str_eq(unit, rj_str(*u)))
			return blank + unit.n;
	return 0;
}

/* Digits, a fraction, an exponent, and a unit behind them. */
static size_t
number_length(struct rj_str s)
{
	size_t n = span(s, is_digit), more;

	if (n == 0)
		return 0;
	if (n + 1 < s.n && s.s[n] == '.')
		n += (more = span(rj_str_from(s, n + 1), is_digit)) ? more + 1
								    : 0;
	if (n + 1 < s.n && is_in(s.s[n], "eE")) {
		size_t sign = is_in(s.s[n + 1], "+-");

		more = span(rj_str_from(s, n + 1 + sign), is_digit);
		n += more ? 1 + sign + more : 0;
	}
	return n + unit_length(rj_str_from(s, n));
}

/* What nobody has thought of: long, and digits all over it. */
static size_t
random_length(struct rj_str s)
{
	size_t n = span(s, rj_is_word), digits = 0, groups = 0;

	for (size_t i = 0; i < n; i++) {
		digits += is_digit(s.s[i]);
		groups += is_digit(s.s[i]) && (i == 0 || !is_digit(s.s[i - 1]));
		if (s.s[i] == '_' || (unsigned char)s.s[i] >= 0x80)
			return 0;
	}
	return n >= 16 && digits >= 3 && groups >= 2 ? n : 0;
}

/* "Foo@1b2c3d": which object it was. */
static size_t
object_length(const struct masking *m)
{
	struct rj_str s = rest_of(m);
	size_t n = span(s, is_hex);

	return last_of(m) == '@' && n >= 5 && n == span(s, rj_is_word) ? n : 0;
}

/* Names that Python gave one and the same error. */
static size_t
alias_length(struct rj_str s)
{
	const struct rj_str homes[] = { RJ_STR("asyncio.exceptions."),
		RJ_STR("asyncio."), RJ_STR("concurrent.futures._base."),
		RJ_STR("concurrent.futures."), RJ_STR("builtins."),
		RJ_STR("socket.") };

	for (size_t i = 0; i < sizeof(homes) / sizeof(*homes); i++)
		if (rj_str_starts(s, homes[i]) &&
		    rj_str_starts(
			rj_str_from(s, homes[i].n), RJ_STR("TimeoutError")))
			return homes[i].n;
	return 0;
}

static size_t
masked_length(const struct masking *m, bool in_word)
{
	struct rj_str s = rest_of(m);
	size_t n = 0;

	if (in_word)
		return span(s, is_digit);
	(void)((n = uuid_length(s)) || (n = hex_length(s)) ||
	       (n = object_length(m)) || (n = random_length(s)) ||
	       (n = date_word_length(s)) || (n = number_length(s)));
	return n;
}

static bool
mask_words(struct masking *m)
{
	bool ok = true, in_word = false;

	while (ok && m->at < m->line.n) {
		size_t n = escape_length(rest_of(m));

		if (n) {
			m->at += n;
			continue;
		}
		n = in_word ? 0 : alias_length(rest_of(m));
		m->at += n;
		n = elided_length(m);
		if (n)
			ok = put_mask(m);
		else if (!in_word)
			ok = put_path(m, &n);
		if (ok && !n) {
			n = masked_length(m, in_word);
			ok = n ? put_mask(m)
			       : rj_buf_add(m->out,
				     (struct rj_str){ rest_of(m).s, 1 });
			n += !n;
		}
		m->at += n;
		in_word = m->at > 0 && rj_is_word(m->line.s[m->at - 1]);
	}
	return ok;
}

/* --- version 2, then: the lists ------------------------------------------- */

#define DEPTH_MAX 32
#define ITEMS_MAX 512

struct group {
	size_t at; /* behind its bracket */
	char end;
};

static char
closing(char open)
{
	return open == '{' ? '}' : open == '[' ? ']' : open == '(' ? ')' : '\0';
}

static struct rj_str
trimmed(struct rj_str s)
{
	while (s.n && s.s[0] == ' ')
		s = rj_str_from(s, 1);
	while (s.n && s.s[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* What commas part, but for those of lists within; 0: that is too much. */
static size_t
split(struct rj_str list, struct rj_str items[ITEMS_MAX])
{
	size_t n = 0, begins = 0, depth = 0;

	for (size_t i = 0; i <= list.n; i++) {
		if (i < list.n && closing(list.s[i]))
			depth++;
		else if (i < list.n && is_in(list.s[i], ")]}"))
			depth -= depth > 0;
		if (i < list.n && (list.s[i] != ',' || depth))
			continue;
		if (n == ITEMS_MAX)
			return 0;
		items[n++] =
		    trimmed((struct rj_str){ list.s + begins, i - begins });
		begins = i + 1;
	}
	return n;
}

static int
compare_items(const void *a, const void *b)
{
	return rj_str_order(
	    *(const struct rj_str *)a, *(const struct rj_str *)b);
}

/*
 * A list without its repetitions, a set in an order of its own. Of one that was
 * cut off, the last thing may be the beginning of what stands there already.
 */
static bool
settle_list(struct rj_buf *line, size_t at, char end, struct rj_buf *scratch)
{
	struct rj_str list = { line->s + at, line->n - at };
	struct rj_str items[ITEMS_MAX];
	size_t n = split(list, items);
	bool ok = true;

	scratch->n = 0;
	if (end == '}' && n)
		qsort(items, n, sizeof(*items), compare_items);
	for (size_t i = 0; i < n && ok; i++) {
		if (i && rj_str_eq(items[i], items[i - 1]))
			continue;
		if (i && i + 1 == n && !end &&
		    rj_str_starts(items[i - 1], items[i]))
			break;
		ok = (i == 0 || rj_buf_add(scratch, RJ_STR(","))) &&
		     rj_buf_add(scratch, items[i]);
	}
	/* nothing is added to it */
	if (ok && n) {
		memcpy(line->s + at, scratch->s, scratch->n);
		line->n = at + scratch->n;
	}
	return ok;
}

static bool
settle_lists(struct rj_buf *line, size_t from)
{
	struct rj_buf scratch = { 0 };
	struct group groups[DEPTH_MAX];
	size_t end = line->n, depth = 0;
	bool ok = rj_buf_reserve(&scratch, end - from + 1);

	line->n = from;
	for (size_t i = from; i < end && ok; i++) {
		char c = line->s[i];

		if (depth && c == groups[depth - 1].end) {
			depth--;
			ok = settle_list(line, groups[depth].at,
			    groups[depth].end, &scratch);
		}
		line->s[line->n++] = c;
		if (closing(c) && depth < DEPTH_MAX)
			groups[depth++] = (struct group){ line->n, closing(c) };
	}
	while (depth && ok)
		ok = settle_list(line, groups[--depth].at, '\0', &scratch);
	rj_buf_free(&scratch);
	return ok;
}

bool
rj_mask_v2(struct rj_buf *out, struct rj_str line)
{
	struct masking m = {
		.out = out, .from = out->n, .line = rj_str_cut(line, LINE_BYTES)
	};

	return mask_words(&m) && settle_lists(out, m.from);
}
