/* SPDX-License-Identifier: MIT */
/*
 * A slow file system on libfuse3: every lookup takes as long as was asked for, and
 * any number of them at once. Directories d0000, d0001, ... of files f0000, f0001, ...;
 * file i of a directory has i bytes.
 *
 *	slow-fs MOUNTPOINT DELAY_US DIRECTORIES FILES
 *
 * Runs in the foreground; writes "ready" and a newline once the file system can be
 * used, and ends when it is unmounted or by SIGTERM.
 *
 * A lookup's reply is not sent by the thread that has read the request, which could
 * then read no other: it waits in a queue for a thread of its own. All are delayed by
 * the same time, so the queue is in the order of sending. What the caller may cache is
 * nothing: the timeouts of entries and attributes are 0. Directories may be used by
 * several at once, and readdir tells names alone (no readdirplus).
 */
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NAME_BYTES 16
#define FIRST_DIRECTORY (FUSE_ROOT_ID + 1)

struct reply {
	struct reply *next;
	int64_t due_ns;
	fuse_req_t request;
	fuse_ino_t inode; /* 0: there is no such entry */
};

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t more;
	struct reply *first, **end; /* under mutex */
} queue = {.mutex = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .end = &queue.first};

static int64_t delay_ns;
static unsigned directories, files, parallel;

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Inodes: the root, then the directories, then the files of each. */
static int is_directory(fuse_ino_t inode)
{
	return inode < FIRST_DIRECTORY + directories;
}

static fuse_ino_t directory_inode(unsigned directory)
{
	return FIRST_DIRECTORY + directory;
}

static fuse_ino_t file_inode(fuse_ino_t directory, unsigned file)
{
	return FIRST_DIRECTORY + directories + (directory - FIRST_DIRECTORY) * files + file;
}

static void attributes(fuse_ino_t inode, struct stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->st_ino = inode;
	stat->st_nlink = is_directory(inode) ? 2 : 1;
	stat->st_mode = is_directory(inode) ? S_IFDIR | 0755 : S_IFREG | 0644;
	if (!is_directory(inode))
		stat->st_size = (off_t)((inode - FIRST_DIRECTORY - directories) % files);
}

/* How many entries a directory has, and what they are called. */
static unsigned entries_of(fuse_ino_t directory)
{
	return directory == FUSE_ROOT_ID ? directories : files;
}

static void entry_name(fuse_ino_t directory, unsigned index, char name[NAME_BYTES])
{
	snprintf(name, NAME_BYTES, "%c%04u", directory == FUSE_ROOT_ID ? 'd' : 'f', index);
}

static fuse_ino_t entry_inode(fuse_ino_t directory, unsigned index)
{
	return directory == FUSE_ROOT_ID ? directory_inode(index) : file_inode(directory, index);
}

static fuse_ino_t find_entry(fuse_ino_t directory, const char *name)
{
	char expected[NAME_BYTES];
	unsigned index = (unsigned)strtoul(name + (*name != 0), NULL, 10);

	if (!is_directory(directory) || index >= entries_of(directory))
		return 0;
	entry_name(directory, index, expected);
	return strcmp(name, expected) ? 0 : entry_inode(directory, index);
}

static void send_reply(struct reply *reply)
{
	struct fuse_entry_param entry = {.ino = reply->inode};

	if (reply->inode) {
		attributes(reply->inode, &entry.attr);
		fuse_reply_entry(reply->request, &entry);
	} else {
		fuse_reply_err(reply->request, ENOENT);
	}
	free(reply);
}

static struct reply *next_reply(void)
{
	struct reply *reply;

	pthread_mutex_lock(&queue.mutex);
	while (!queue.first)
		pthread_cond_wait(&queue.more, &queue.mutex);
	reply = queue.first;
	queue.first = reply->next;
	if (!queue.first)
		queue.end = &queue.first;
	pthread_mutex_unlock(&queue.mutex);
	return reply;
}

static void *send_replies(void *unused)
{
	for (;;) {
		struct reply *reply = next_reply();
		struct timespec due = {.tv_sec = reply->due_ns / 1000000000,
				       .tv_nsec = reply->due_ns % 1000000000};

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
			;
		send_reply(reply);
	}
	return NULL;
}

static void op_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct reply *reply = malloc(sizeof(*reply));

	if (!reply) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	*reply = (struct reply){NULL, now_ns() + delay_ns, request, find_entry(parent, name)};
	pthread_mutex_lock(&queue.mutex);
	*queue.end = reply;
	queue.end = &reply->next;
	pthread_cond_signal(&queue.more);
	pthread_mutex_unlock(&queue.mutex);
}

static void op_getattr(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct stat stat;

	attributes(inode, &stat);
	fuse_reply_attr(request, &stat, 0);
}

static void op_opendir(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	if (is_directory(inode))
		fuse_reply_open(request, info);
	else
		fuse_reply_err(request, ENOTDIR);
}

/* Offsets: 1 and 2 come after the two dots, 3 + i after entry i. */
static size_t add_entry(fuse_req_t request, char *buffer, size_t room, fuse_ino_t directory, off_t offset)
{
	struct stat stat = {.st_ino = directory, .st_mode = S_IFDIR};
	char name[NAME_BYTES] = ".";

	if (offset == 1)
		strcpy(name, "..");
	if (offset >= 2) {
		attributes(entry_inode(directory, (unsigned)offset - 2), &stat);
		entry_name(directory, (unsigned)offset - 2, name);
	}
	return fuse_add_direntry(request, buffer, room, name, &stat, offset + 1);
}

static void op_readdir(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
		       struct fuse_file_info *info)
{
	char *buffer = malloc(size);
	size_t used = 0;

	if (!buffer) {
		fuse_reply_err(request, ENOMEM);
		return;
	}
	for (; offset < (off_t)entries_of(inode) + 2; offset++) {
		size_t more = add_entry(request, buffer + used, size - used, inode, offset);

		if (more > size - used)
			break;
		used += more;
	}
	fuse_reply_buf(request, buffer, used);
	free(buffer);
}

static void op_init(void *unused, struct fuse_conn_info *connection)
{
	parallel = connection->capable & FUSE_CAP_PARALLEL_DIROPS;
	connection->want |= parallel;
	connection->want &= ~(unsigned)(FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO);
	if (!parallel)
		fprintf(stderr, "slow-fs: the system has no parallel directory operations\n");
}

/*
 * libfuse before 3.17 takes FUSE_CAP_PARALLEL_DIROPS and does not tell the system,
 * which then makes the first lookups in a directory one after the other. So the flag is
 * set in the answer to FUSE_INIT, which is the first one that is written.
 */
static ssize_t write_reply(int fd, struct iovec *vector, int count, void *unused)
{
	static int answered;

	if (!answered && count == 2 && vector[1].iov_len >= offsetof(struct fuse_init_out, flags) + 4) {
		struct fuse_init_out *out = vector[1].iov_base;

		answered = 1; /* one thread reads until this is written */
		if (parallel)
			out->flags |= FUSE_PARALLEL_DIROPS;
	}
	return writev(fd, vector, count);
}

static ssize_t read_request(int fd, void *buffer, size_t bytes, void *unused)
{
	return read(fd, buffer, bytes);
}

static const struct fuse_custom_io io = {.writev = write_reply, .read = read_request};

static const struct fuse_lowlevel_ops operations = {
	.init = op_init,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.opendir = op_opendir,
	.readdir = op_readdir,
};

static int serve(struct fuse_session *session, const char *mountpoint)
{
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	pthread_t thread;
	int result = 1;

	if (fuse_set_signal_handlers(session) == 0 && fuse_session_mount(session, mountpoint) == 0) {
		if (fuse_session_custom_io(session, &io, fuse_session_fd(session)) == 0 &&
		    pthread_create(&thread, NULL, send_replies, NULL) == 0) {
			puts("ready");
			fflush(stdout);
			result = fuse_session_loop_mt(session, config) != 0;
		}
		fuse_session_unmount(session);
	}
	fuse_loop_cfg_destroy(config);
	return result;
}

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session;
	int result;

	if (argc != 5) {
		fprintf(stderr, "usage: slow-fs MOUNTPOINT DELAY_US DIRECTORIES FILES\n");
		return 2;
	}
	delay_ns = strtoll(argv[2], NULL, 10) * 1000;
	directories = (unsigned)strtoul(argv[3], NULL, 10);
	files = (unsigned)strtoul(argv[4], NULL, 10);
	if (delay_ns < 0 || !directories || !files || directories > 9999 || files > 9999) {
		fprintf(stderr, "slow-fs: expected a delay, and 1 to 9999 directories and files\n");
		return 2;
	}
	fuse_opt_add_arg(&args, "slow-fs");
	session = fuse_session_new(&args, &operations, sizeof(operations), NULL);
	if (!session)
		return 1;
	result = serve(session, argv[1]);
	fuse_session_destroy(session);
	fuse_opt_free_args(&args);
	return result;
}
