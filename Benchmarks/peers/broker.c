/* broker publish PORT VHOST LOGIN PASSWORD MESSAGES      the messages of a file to playhead.events, with confirms
   broker drain   PORT VHOST LOGIN PASSWORD COUNT DB      the archive's queue into SQLite
   What librabbitmq and SQLite do without anything else: no checks, no reconnecting. Prints seconds and CPU seconds. */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { channel = 1, window = 1000, prefetch = 4000, commit_size = 1000 };

static void fail(const char *what) {
    fprintf(stderr, "broker.c: %s\n", what);
    exit(1);
}

static void must(int status, const char *what) {
    if (status != AMQP_STATUS_OK) fail(what);
}

static void answered(amqp_connection_state_t connection, const char *what) {
    if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static amqp_connection_state_t log_in(char **words) {
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (socket == NULL) fail("no memory");
    must(amqp_socket_open(socket, "127.0.0.1", atoi(words[0])), "cannot connect");
    amqp_rpc_reply_t reply =
        amqp_login(connection, words[1], 0, AMQP_DEFAULT_FRAME_SIZE, 10, AMQP_SASL_METHOD_PLAIN, words[2], words[3]);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("cannot log in");
    amqp_channel_open(connection, channel);
    answered(connection, "no channel");
    return connection;
}

static void finish(amqp_connection_state_t connection, double began, double cpu) {
    printf("{\"seconds\": %.4f, \"cpu\": %.4f}\n", clock_seconds() - began, cpu_seconds() - cpu);
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
}

/* ---- publish ---- */

typedef struct {
    const uint8_t *at;
} reader;

static uint64_t number(reader *from, int width) {
    uint64_t value = 0;
    for (int byte = 0; byte < width; byte++) value |= (uint64_t)from->at[byte] << (8 * byte);
    from->at += width;
    return value;
}

static amqp_bytes_t text(reader *from) {
    amqp_bytes_t bytes;
    bytes.len = number(from, 4);
    bytes.bytes = (void *)from->at;
    from->at += bytes.len;
    return bytes;
}

/* Confirms may come one by one and out of order. */
typedef struct {
    uint8_t *seen;
    uint64_t oldest;
    uint64_t waiting;
} confirms;

static void confirm(confirms *all, uint64_t tag, int multiple) {
    for (uint64_t each = multiple ? all->oldest : tag; each <= tag; each++) {
        if (!all->seen[each]) {
            all->seen[each] = 1;
            all->waiting--;
        }
    }
    while (all->seen[all->oldest]) all->oldest++;
}

/* Takes one frame; with a time, only if one is there. */
static int take_confirm(amqp_connection_state_t connection, confirms *all, struct timeval *time) {
    amqp_frame_t frame;
    int status = amqp_simple_wait_frame_noblock(connection, &frame, time);
    if (status == AMQP_STATUS_TIMEOUT) return 0;
    must(status, "the connection broke");
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
        fail("something else than a confirm came");
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    confirm(all, ack->delivery_tag, ack->multiple);
    return 1;
}

static void publish(char **words) {
    int file = open(words[4], O_RDONLY);
    struct stat about;
    if (file < 0 || fstat(file, &about) != 0) fail("no file of messages");
    reader from = {mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0)};
    if (from.at == MAP_FAILED) fail("the file cannot be read");
    uint64_t count = number(&from, 4);

    amqp_connection_state_t connection = log_in(words);
    amqp_confirm_select(connection, channel);
    answered(connection, "no confirms");
    confirms all = {calloc(count + 2, 1), 1, 0};
    if (all.seen == NULL) fail("no memory");

    amqp_table_entry_t headers[3];
    memset(headers, 0, sizeof headers);
    headers[0].key = amqp_cstring_bytes("v");
    headers[0].value.kind = AMQP_FIELD_KIND_I64;
    headers[0].value.value.i64 = 1;
    headers[1].key = amqp_cstring_bytes("hash");
    headers[1].value.kind = AMQP_FIELD_KIND_UTF8;
    headers[2].key = amqp_cstring_bytes("seq");
    headers[2].value.kind = AMQP_FIELD_KIND_I64;
    amqp_basic_properties_t properties;
    memset(&properties, 0, sizeof properties);
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                        AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_USER_ID_FLAG |
                        AMQP_BASIC_APP_ID_FLAG;
    properties.content_type = amqp_cstring_bytes("application/vnd.playhead+protobuf");
    properties.headers.num_entries = 3;
    properties.headers.entries = headers;
    properties.delivery_mode = 2;
    properties.type = amqp_cstring_bytes("batch");
    properties.user_id = amqp_cstring_bytes(words[2]);
    properties.app_id = amqp_cstring_bytes("playhead");
    amqp_bytes_t exchange = amqp_cstring_bytes("playhead.events");

    double began = clock_seconds(), cpu = cpu_seconds();
    struct timeval at_once = {0, 0};
    for (uint64_t sent = 0; sent < count; sent++) {
        while (all.waiting >= window) {
            take_confirm(connection, &all, NULL);
            while (take_confirm(connection, &all, &at_once)) {}
            amqp_maybe_release_buffers(connection);
        }
        amqp_bytes_t key = text(&from);
        properties.message_id = text(&from);
        headers[1].value.value.bytes = text(&from);
        headers[2].value.value.i64 = (int64_t)number(&from, 8);
        amqp_bytes_t body = text(&from);
        must(amqp_basic_publish(connection, channel, exchange, key, 1, 0, &properties, body), "cannot publish");
        all.waiting++;
    }
    while (all.waiting > 0) {
        take_confirm(connection, &all, NULL);
        amqp_maybe_release_buffers(connection);
    }
    finish(connection, began, cpu);
}

/* ---- drain ---- */

static void run(sqlite3 *db, const char *sql) {
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sqlite3_errmsg(db));
}

static void drain(char **words) {
    long count = atol(words[4]);
    sqlite3 *db;
    if (sqlite3_open(words[5], &db) != SQLITE_OK) fail("no database");
    run(db, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "PRAGMA wal_autocheckpoint = 4000;"
            "CREATE TABLE messages(arrival INTEGER PRIMARY KEY, key TEXT NOT NULL, body BLOB NOT NULL) STRICT");
    sqlite3_stmt *insert, *begin, *commit;
    if (sqlite3_prepare_v2(db, "INSERT INTO messages(key, body) VALUES(?, ?)", -1, &insert, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));

    double began = clock_seconds(), cpu = cpu_seconds();
    amqp_connection_state_t connection = log_in(words);
    amqp_basic_qos(connection, channel, 0, prefetch, 0);
    answered(connection, "no prefetch");
    amqp_basic_consume(connection, channel, amqp_cstring_bytes("playhead.archive"), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
    answered(connection, "cannot consume");
    for (long got = 0; got < count;) {
        if (got % commit_size == 0) {
            if (sqlite3_step(begin) != SQLITE_DONE) fail(sqlite3_errmsg(db));
            sqlite3_reset(begin);
        }
        amqp_maybe_release_buffers(connection);
        amqp_envelope_t envelope;
        if (amqp_consume_message(connection, &envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL)
            fail("no delivery");
        amqp_bytes_t key = envelope.routing_key, body = envelope.message.body;
        sqlite3_bind_text(insert, 1, key.bytes, (int)key.len, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 2, body.bytes, (int)body.len, SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE) fail(sqlite3_errmsg(db));
        sqlite3_reset(insert);
        uint64_t tag = envelope.delivery_tag;
        amqp_destroy_envelope(&envelope);
        got++;
        if (got % commit_size == 0 || got == count) {
            if (sqlite3_step(commit) != SQLITE_DONE) fail(sqlite3_errmsg(db));
            sqlite3_reset(commit);
            must(amqp_basic_ack(connection, channel, tag, 1), "cannot acknowledge");
        }
    }
    finish(connection, began, cpu);
    sqlite3_finalize(insert);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_close(db);
}

int main(int count, char **words) {
    if (count == 7 && strcmp(words[1], "publish") == 0) publish(words + 2);
    else if (count == 8 && strcmp(words[1], "drain") == 0) drain(words + 2);
    else fail("publish PORT VHOST LOGIN PASSWORD MESSAGES | drain PORT VHOST LOGIN PASSWORD COUNT DB");
    return 0;
}
