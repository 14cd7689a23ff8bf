/*
 * The limit that Routing is held against: librdkafka copying records from one topic to another in transactions, and
 * nothing else. It decodes nothing, copies no value (the fetched message lives until its copy is committed) and shares
 * no line with the Kafka module, so that whatever that module costs shows in the difference.
 *
 *     RawCopy BOOTSTRAP FROM[,FROM …] TO RECORDS BATCH TIMES [SETTING=VALUE …]
 *
 * Copies the first RECORDS records, in transactions of up to BATCH, each record TIMES times; its last line is JSON.
 * The settings are librdkafka's own, for what a broker needs.
 * The order of the calls is that of librdkafka's examples/transactions.c.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char *what, const char *why) {
    fprintf(stderr, "RawCopy: %s: %s\n", what, why);
    exit(1);
}

static void check(const char *what, rd_kafka_error_t *error) {
    if (error) fail(what, rd_kafka_error_string(error));
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* What Host's loop asks of librdkafka (LoopSettings), so that only the work differs. */
static rd_kafka_t *open_client(rd_kafka_type_t type, const char *bootstrap, const char *name, char **settings) {
    const char *consumer[][2] = {
        {"group.id", name},
        {"auto.offset.reset", "earliest"},
        {"enable.auto.commit", "false"},
        {"isolation.level", "read_committed"},
        {"partition.assignment.strategy", "range"},
        {"queued.min.messages", "20000"},
        {"queued.max.messages.kbytes", "16384"},
    };
    const char *producer[][2] = {
        {"transactional.id", name},
        {"transaction.timeout.ms", "10000"},
        {"message.timeout.ms", "8000"},
        {"linger.ms", "1"},
        {"partitioner", "murmur2_random"},
    };
    int reads = type == RD_KAFKA_CONSUMER;
    size_t count = reads ? sizeof consumer / sizeof *consumer : sizeof producer / sizeof *producer;
    char text[512];
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    if (rd_kafka_conf_set(configuration, "bootstrap.servers", bootstrap, text, sizeof text)) fail(bootstrap, text);
    for (size_t index = 0; index < count; index++) {
        const char **setting = reads ? consumer[index] : producer[index];
        if (rd_kafka_conf_set(configuration, setting[0], setting[1], text, sizeof text)) fail(setting[0], text);
    }
    for (; *settings; settings++) {
        char name[128], *value = strchr(*settings, '=');
        if (!value || value - *settings >= (long)sizeof name) fail(*settings, "is not SETTING=VALUE");
        memcpy(name, *settings, (size_t)(value - *settings));
        name[value - *settings] = '\0';
        if (rd_kafka_conf_set(configuration, name, value + 1, text, sizeof text)) fail(name, text);
    }
    rd_kafka_t *client = rd_kafka_new(type, configuration, text, sizeof text);
    if (!client) fail("a client", text);
    return client;
}

/* Fills a batch: waits for the first record, takes what else has been fetched, and stops. */
static size_t gather(rd_kafka_t *consumer, rd_kafka_message_t **batch, size_t limit) {
    size_t count = 0;
    while (count < limit) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, count ? 0 : 200);
        if (!message) break;
        if (message->err) fail("reading", rd_kafka_message_errstr(message));
        batch[count++] = message;
    }
    return count;
}

static void send_copy(rd_kafka_t *producer, const char *topic, const rd_kafka_message_t *message) {
    rd_kafka_headers_t *headers = NULL, *copy = NULL;
    if (!rd_kafka_message_headers(message, &headers)) copy = rd_kafka_headers_copy(headers);
    rd_kafka_resp_err_t code;
    while ((code = rd_kafka_producev(
                producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(message->key, message->key_len),
                RD_KAFKA_V_VALUE(message->payload, message->len), RD_KAFKA_V_HEADERS(copy), RD_KAFKA_V_END)) ==
           RD_KAFKA_RESP_ERR__QUEUE_FULL)
        rd_kafka_poll(producer, 100);
    if (code) fail("sending", rd_kafka_err2str(code));
}

static void commit(rd_kafka_t *producer, rd_kafka_t *consumer) {
    rd_kafka_topic_partition_list_t *positions = NULL;
    if (rd_kafka_assignment(consumer, &positions) || rd_kafka_position(consumer, positions))
        fail("the positions", "unknown");
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(consumer);
    check("the positions", rd_kafka_send_offsets_to_transaction(producer, positions, group, 10000));
    check("the commit", rd_kafka_commit_transaction(producer, 10000));
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(positions);
}

int main(int count, char **words) {
    if (count < 7) fail("usage", "RawCopy BOOTSTRAP FROM[,FROM ...] TO RECORDS BATCH TIMES [SETTING=VALUE ...]");
    char *from = words[2];
    const char *to = words[3];
    size_t wanted = strtoul(words[4], NULL, 10), limit = strtoul(words[5], NULL, 10);
    unsigned long times = strtoul(words[6], NULL, 10);
    rd_kafka_t *producer = open_client(RD_KAFKA_PRODUCER, words[1], to, words + 7);
    rd_kafka_t *consumer = open_client(RD_KAFKA_CONSUMER, words[1], to, words + 7);
    check("the transactions", rd_kafka_init_transactions(producer, 30000));
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(2);
    for (char *topic = strtok(from, ","); topic; topic = strtok(NULL, ","))
        rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    if (rd_kafka_subscribe(consumer, topics)) fail("the topics", "can't be subscribed to");
    rd_kafka_topic_partition_list_destroy(topics);
    rd_kafka_poll_set_consumer(consumer);

    rd_kafka_message_t **batch = calloc(limit, sizeof *batch);
    size_t copied = 0, batches = 0;
    double started = 0, committing = 0;
    while (copied < wanted) {
        size_t left = wanted - copied, gathered = gather(consumer, batch, left < limit ? left : limit);
        if (!gathered) continue;
        double begun = now();
        if (!started) started = begun;
        check("a transaction", rd_kafka_begin_transaction(producer));
        for (size_t index = 0; index < gathered; index++)
            for (unsigned long time = 0; time < times; time++) send_copy(producer, to, batch[index]);
        commit(producer, consumer);
        committing += now() - begun;
        for (size_t index = 0; index < gathered; index++) rd_kafka_message_destroy(batch[index]);
        copied += gathered;
        batches++;
    }
    double seconds = now() - started;
    free(batch);
    printf("{\"in\": %zu, \"out\": %zu, \"seconds\": %.4f, \"batches\": %zu, \"committing\": %.4f}\n", copied,
           copied * times, seconds, batches, committing);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    rd_kafka_destroy(producer);
    return 0;
}
