/*
 * category.h - what makes tests flake, and what the words of a failure say of
 * it.
 */
#ifndef RJ_CATEGORY_H
#define RJ_CATEGORY_H

#include "base/str.h"

enum rj_category {
	RJ_CATEGORY_UNKNOWN,
	RJ_ORDER,
	RJ_SHARED_STATE,
	RJ_IN_FIXTURE,
	RJ_MOCKS,
	RJ_TIME,
	RJ_RANDOMNESS,
	RJ_ENVIRONMENT_VARIABLE,
	RJ_FILE_SYSTEM,
	RJ_DATABASE,
	RJ_NETWORK,
	RJ_ASYNC,
	RJ_THREADS,
	RJ_SUBPROCESS,
	RJ_WORKER_ISOLATION,
	RJ_PLATFORM,
	RJ_RESOURCES,
	RJ_CACHE,
	RJ_UNORDERED,
	RJ_CATEGORIES
};

const char *rj_category_name(enum rj_category c);

/* What a mend would look like, a sentence or two. */
const char *rj_category_mend(enum rj_category c);

/*
 * What the words of a failure point to, most telling ones first; *words: the
 * pattern that is in them. They are a hint, and no more.
 */
enum rj_category rj_category_of_words(struct rj_str type, struct rj_str message,
    struct rj_str trace, struct rj_str *words);

#endif
