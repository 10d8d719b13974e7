#include "out/out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/cancel.h"
#include "base/handover.h"
#include "file/charset.h"
#include "out/write_behind.h"

enum rejunit_status
rj_out_open(struct rj_out *o, const char *encoding, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	*o = (struct rj_out){
		.write = write, .ctx = ctx, .err = err, .size = RJ_OUT_FIRST
	};
	o->buf = malloc(RJ_OUT_SIZE);
	o->ahead = malloc(sizeof(*o->ahead));
	if (!o->buf || !o->ahead)
		return o->status = rj_fail_memory(err);
	o->ahead->windows[0].src = o->ahead->windows[1].src = NULL;
	o->ahead->last = 0;
	if (encoding) {
		o->encoder = rj_charset_open(encoding, false);
		if (!o->encoder && errno == ENOMEM)
			return o->status = rj_fail_memory(err);
		if (!o->encoder)
			return o->status = rj_fail(err, REJUNIT_OUTPUT,
				   "nothing can be written in %s", encoding);
	}
	return REJUNIT_OK;
}

void
rj_out_close(struct rj_out *o)
{
	rj_charset_close(o->encoder);
	if (o->behind)
		(void)rj_write_behind_end(o->behind);
	else
		free(o->buf);
	free(o->ahead);
	o->ahead = NULL;
	o->encoder = NULL;
	o->behind = NULL;
	o->buf = NULL;
}

void
rj_out_fail(struct rj_out *o, enum rejunit_status status)
{
	if (!o->status)
		o->status = status;
}

static void
fail_errno(struct rj_out *o, int error)
{
	if (!error || o->status)
		return;
	errno = error;
	o->status = error == ENOMEM ? rj_fail_memory(o->err)
				    : rj_fail_errno(o->err, REJUNIT_OUTPUT,
					  NULL, "cannot be written");
}

/* What gets long is written in larger parts, and where it can by a thread. */
static void
get_long(struct rj_out *o)
{
	o->size = RJ_OUT_SIZE;
	if (o->write == rejunit_write_fd && o->ctx &&
	    rj_handover_pays(o->total))
		o->behind = rj_write_behind_new(*(int *)o->ctx, RJ_OUT_SIZE);
	if (!o->behind)
		return;
	free(o->buf);
	o->buf = rj_write_behind_buffer(o->behind);
}

/* Empties the buffer. */
static void
pass_on(struct rj_out *o)
{
	if (o->status || o->n == 0)
		return;
	if (rj_is_cancelled()) {
		fail_errno(o, EINTR);
		return;
	}
	if (o->behind) {
		fail_errno(o, rj_write_behind_put(o->behind, o->n));
		o->buf = rj_write_behind_buffer(o->behind);
	} else {
		fail_errno(o, o->write(o->ctx, o->buf, o->n));
	}
	o->n = 0;
	if (o->size < RJ_OUT_SIZE && o->total >= RJ_HANDOVER_LONG)
		get_long(o);
}

enum rejunit_status
rj_out_flush(struct rj_out *o)
{
	pass_on(o);
	if (o->behind) {
		fail_errno(o, rj_write_behind_end(o->behind));
		o->behind = NULL;
		o->buf = NULL;
		o->size = 0;
	}
	return o->status;
}

static void
put_raw(struct rj_out *o, const void *data, size_t n)
{
	const char *s = data;

	/* it is always filled: writes of one size suit the file system */
	while (n && !o->status) {
		size_t room = o->size - o->n, part = n < room ? n : room;

		memcpy(o->buf + o->n, s, part);
		o->n += part;
		o->total += part;
		s += part;
		n -= part;
		if (o->n == o->size)
			pass_on(o);
	}
}

/* Fills the buffer with bytes that a function reads: how many. */
static size_t
read_into(struct rj_out *o, const struct rj_source *src, uint64_t at,
    uint64_t end,
    enum rejunit_status (*read)(const struct rj_source *src, uint64_t at,
	void *out, size_t n, struct rejunit_error *err))
{
	size_t n = o->size - o->n;

	if (n > end - at)
		n = (size_t)(end - at);
	rj_out_fail(o, read(src, at, o->buf + o->n, n, o->err));
	if (o->status)
		return 0;
	o->n += n;
	o->total += n;
	if (o->n == o->size)
		pass_on(o);
	return n;
}

void
rj_out_copy_raw(
    struct rj_out *o, const struct rj_source *src, uint64_t at, uint64_t end)
{
	if (!src->encoding) {
		rj_out_copy(o, src, at, end);
		return;
	}
	while (at < end && !o->status)
		at += read_into(o, src, at, end, rj_source_read_raw);
}

/* False if the encoding does not have it. */
static bool
encode(struct rj_out *o, struct rj_str s)
{
	char bytes[64];

	while (s.n) {
		char *in = (char *)s.s, *out = bytes;
		size_t room = sizeof(bytes);
		size_t done =
		    rj_charset_convert(o->encoder, &in, &s.n, &out, &room);

		/* some put another character in its place, and count that */
		if (done != 0 && !(done == (size_t)-1 && errno == E2BIG))
			return false;
		put_raw(o, bytes, sizeof(bytes) - room);
		s.s = in;
	}
	return true;
}

static void
encode_character(struct rj_out *o, struct rj_str s)
{
	utf8proc_int32_t code;
	char text[48];

	if (o->status || encode(o, s))
		return;
	utf8proc_iterate(
	    (const utf8proc_uint8_t *)s.s, (utf8proc_ssize_t)s.n, &code);
	switch (o->inside.of) {
	case RJ_IN_CDATA:
		snprintf(text, sizeof(text), "]]>&#x%X;<![CDATA[",
		    (unsigned int)code);
		break;
	case RJ_IN_COMMENT:
	case RJ_IN_PI:
		snprintf(text, sizeof(text), "\\u%04x", (unsigned int)code);
		break;
	case RJ_IN_TAG:
		rj_out_fail(
		    o, rj_fail(o->err, REJUNIT_OUTPUT,
			   "the report's encoding cannot hold a name that the "
			   "rerun has"));
		return;
	default:
		snprintf(text, sizeof(text), "&#x%X;", (unsigned int)code);
		break;
	}
	(void)encode(o, rj_str(text));
}

void
rj_out_text(struct rj_out *o, struct rj_str s)
{
	if (!o->encoder) {
		put_raw(o, s.s, s.n);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		o->part[o->n_part++] = s.s[i];
		if ((size_t)utf8proc_utf8class[(unsigned char)o->part[0]] >
			o->n_part &&
		    o->n_part < sizeof(o->part))
			continue;
		encode_character(o, (struct rj_str){ o->part, o->n_part });
		o->n_part = 0;
		rj_inside_step(&o->inside, s.s[i]);
	}
}

void
rj_out_copy(
    struct rj_out *o, const struct rj_source *src, uint64_t at, uint64_t end)
{
	struct rj_str some;

	while (at < end && !o->status) {
		if (!o->encoder && end - at > RJ_AHEAD_MAX) {
			at += read_into(o, src, at, end, rj_source_read);
			continue;
		}
		rj_out_fail(o, rj_source_some(src, o->ahead,
				   (struct rj_span){ at, end }, &some, o->err));
		if (o->status)
			return;
		rj_out_text(o, some);
		at += some.n;
	}
}

void
rj_out_visible(struct rj_out *o, struct rj_str s)
{
	char c[16];

	while (s.n)
		rj_out_text(o, rj_str_visible(&s, c));
}

void
rj_out_attribute(
    struct rj_out *o, struct rj_str name, struct rj_str value, char quote)
{
	const struct rj_str q = { &quote, 1 };

	rj_out_text(o, RJ_STR(" "));
	rj_out_text(o, name);
	rj_out_text(o, RJ_STR("="));
	rj_out_text(o, q);
	rj_out_text(o, value);
	rj_out_text(o, q);
}
