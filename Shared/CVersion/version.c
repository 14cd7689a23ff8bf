#include "version.h"

// Package.swift defines both.
const char *const dayu_version = DAYU_VERSION;
const char *const dayu_commit = DAYU_COMMIT;
