#ifndef DAYU_VERSION_H
#define DAYU_VERSION_H

/// The version's number; and the commit that was built, as whoever built it named it.
extern const char *const dayu_version;
extern const char *const dayu_commit;

#endif
