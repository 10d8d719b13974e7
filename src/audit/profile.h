/*
 * profile.h - the structure that a family of readers wants.
 *
 * Start with a zeroed struct but for its profile and whom to tell, and hand
 * over the elements as they come. What is told is one sentence, about the
 * element just handed over or, for text, the one that it stands in.
 */
#ifndef RJ_PROFILE_H
#define RJ_PROFILE_H

#include "read/xml.h"

struct rj_profile_check {
	enum rejunit_profile profile;
	/* Gets a sentence; true: go on, false: out of memory. */
	bool (*tell)(void *ctx, const char *sentence);
	void *ctx;
	/* private */
	unsigned int depth;
	struct rj_profile_level {
		const struct rj_profile_rule *rule; /* NULL: nothing is known */
		unsigned int at; /* how far its sequence is */
		bool used; /* that one has been there */
		bool told; /* of text in it */
	} level[RJ_MAX_DEPTH + 1];
};

/* False: out of memory. */
bool rj_profile_start(struct rj_profile_check *c, const struct rj_element *e);
bool rj_profile_end(struct rj_profile_check *c);
bool rj_profile_text(struct rj_profile_check *c);

#endif
