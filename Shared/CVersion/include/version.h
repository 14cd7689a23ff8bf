#ifndef DAYU_VERSION_H
#define DAYU_VERSION_H

/// The version number, and the commit that was built, as it was given to the build.
extern const char *const dayu_version;
extern const char *const dayu_commit;

#endif
