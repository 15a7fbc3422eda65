#define O_DSYNC O_SYNC
