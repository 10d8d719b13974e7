/*
 * json.h - writes JSON, one member a line, in the order of the calls.
 *
 * Open and close what nests; a key of NULL makes an element of an array.
 */
#ifndef RJ_JSON_H
#define RJ_JSON_H

#include "out/out.h"

struct rj_json {
	struct rj_out *out;
	int depth;
	bool first; /* nothing stands yet at this level */
	bool on_one_line;
};

void rj_json_open(struct rj_json *j, const char *key, char bracket);
void rj_json_close(struct rj_json *j, char bracket);
void rj_json_number(struct rj_json *j, const char *key, unsigned long n);
void rj_json_bool(struct rj_json *j, const char *key, bool b);

/* With six digits behind the point. */
void rj_json_decimal(struct rj_json *j, const char *key, double value);

/* A value as it stands, which is JSON already. */
void rj_json_value(struct rj_json *j, const char *key, struct rj_str json);

/* An absent string makes no member. */
void rj_json_string(struct rj_json *j, const char *key, struct rj_str s);

/* Appends a string as JSON has it. */
bool rj_json_quote(struct rj_buf *out, struct rj_str s);

#endif
