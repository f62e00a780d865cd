/* libmosquitto. Two people over TLS with a certificate that is checked, one of them by MQTT 5 and one by 3.1.1: a message
 * there and one back. On free topics QoS 2, and MQTT 5's properties there and whole.
 *
 *   mosquitto_client talk HOST PORT CA_FILE NAME PASSWORD NAME PASSWORD
 *   mosquitto_client open HOST PORT
 *
 * Prints "ok" at the end; exits 1 with the reason on stderr otherwise. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

enum { MESSAGES = 20 };

struct device {
  struct mosquitto *mosq;
  const char *name;
  struct device *other;
  int connected; /* CONNACK's code, -1 before it */
  int granted;   /* QoS of the subscription, -1 before it */
  int synced;    /* the end of what was missed has come */
  int heard;     /* messages */
  int taken;     /* of what it published */
};

static struct device one = {NULL, NULL, NULL, -1, -1, 0, 0, 0};
static struct device two = {NULL, NULL, NULL, -1, -1, 0, 0, 0};

static void fail(const struct device *device, const char *why) {
  fprintf(stderr, "%s: %s\n", device != NULL ? device->name : "mosquitto_client", why);
  exit(1);
}

static void check(const struct device *device, int code) {
  if (code == MOSQ_ERR_SUCCESS) return;
  if (code == MOSQ_ERR_TLS) fail(device, "TLS refused");
  fail(device, mosquitto_strerror(code));
}

/* Whether a message of ours says this. What is compared has nothing in it that JSON would write in another way. */
static int says(const struct mosquitto_message *message, const char *text) {
  return message->payloadlen > 0 && memmem(message->payload, (size_t)message->payloadlen, text, strlen(text)) != NULL;
}

static int ends_with(const char *text, const char *end) {
  const size_t length = strlen(text), size = strlen(end);
  return length >= size && strcmp(text + length - size, end) == 0;
}

/* ---- Properties. ---- */

static void expect_string(const struct device *device, const mosquitto_property *properties, int identifier, const char *wanted) {
  char *value = NULL;
  if (mosquitto_property_read_string(properties, identifier, &value, false) == NULL || strcmp(value, wanted) != 0) {
    fprintf(stderr, "%s: %s\n", mosquitto_property_identifier_to_string(identifier), value != NULL ? value : "none");
    fail(device, "another property than was sent");
  }
  free(value);
}

static void expect_correlation(const struct device *device, const mosquitto_property *properties, const char *wanted, uint16_t size) {
  void *value = NULL;
  uint16_t length = 0;
  if (mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &value, &length, false) == NULL ||
      length != size || memcmp(value, wanted, size) != 0) {
    fail(device, "another correlation");
  }
  free(value);
}

/* The value of the first user property of this name; the caller's. */
static char *user_property(const mosquitto_property *properties, const char *name) {
  char *key = NULL, *value = NULL;
  bool skip = false;
  while ((properties = mosquitto_property_read_string_pair(properties, MQTT_PROP_USER_PROPERTY, &key, &value, skip)) != NULL) {
    const int same = strcmp(key, name) == 0;
    free(key);
    if (same) return value;
    free(value);
    skip = true;
  }
  return NULL;
}

/* ---- What comes. ---- */

static void on_connect(struct mosquitto *mosq, void *userdata, int code, int flags, const mosquitto_property *properties) {
  struct device *device = userdata;
  (void)mosq, (void)flags, (void)properties;
  device->connected = code;
}

static void on_subscribe(struct mosquitto *mosq, void *userdata, int mid, int count, const int *granted, const mosquitto_property *properties) {
  struct device *device = userdata;
  (void)mosq, (void)mid, (void)properties;
  if (count == 1) device->granted = granted[0];
}

static void on_publish(struct mosquitto *mosq, void *userdata, int mid, int code, const mosquitto_property *properties) {
  struct device *device = userdata;
  (void)mosq, (void)mid, (void)properties;
  if (code >= 0x80) fail(device, mosquitto_reason_string(code));
  ++device->taken;
}

static void on_talk(struct mosquitto *mosq, void *userdata, const struct mosquitto_message *message, const mosquitto_property *properties) {
  struct device *device = userdata;
  if (ends_with(message->topic, "/sync") && says(message, "\"st\":\"end\"")) device->synced = 1;
  if (!ends_with(message->topic, "/msg")) return;
  char topic[128], from[128];
  snprintf(topic, sizeof topic, "im/u/%s/msg", device->name);
  snprintf(from, sizeof from, "\"from\":\"%s@localhost/device\"", device->other->name);
  if (strcmp(message->topic, topic) != 0 || message->qos != 1) fail(device, "another topic or QoS than was expected");
  if (!says(message, from) || !says(message, "\"dir\":\"in\"")) fail(device, "a message of somebody else");
  ++device->heard;
  if (device == &two) {  /* by 3.1.1 */
    if (!says(message, "\"body\":\"question\"") || !says(message, "\"cid\":\"q1\"")) fail(device, "another question");
    snprintf(topic, sizeof topic, "im/u/%s/msg", device->other->name);
    const char answer[] = "{\"cid\":\"a1\",\"body\":\"answer\"}";
    check(device, mosquitto_publish(mosq, NULL, topic, (int)strlen(answer), answer, 1, false));
    return;
  }
  if (!says(message, "\"body\":\"answer\"")) fail(device, "another answer");
  expect_string(device, properties, MQTT_PROP_CONTENT_TYPE, "application/im+json");
  expect_correlation(device, properties, "a1", 2);
  char *id = user_property(properties, "id"), *seq = user_property(properties, "seq");
  if (id == NULL || seq == NULL || !says(message, id) || !says(message, seq)) fail(device, "no id or place among the properties");
  free(id), free(seq);
}

static void on_open(struct mosquitto *mosq, void *userdata, const struct mosquitto_message *message, const mosquitto_property *properties) {
  struct device *device = userdata;
  char wanted[32];
  (void)mosq;
  snprintf(wanted, sizeof wanted, "number %d", device->heard);
  if (message->qos != 2 || (size_t)message->payloadlen != strlen(wanted) || !says(message, wanted)) fail(device, "out of order");
  ++device->heard;
  expect_string(device, properties, MQTT_PROP_CONTENT_TYPE, "text/plain");
  expect_string(device, properties, MQTT_PROP_RESPONSE_TOPIC, "answers/here");
  expect_correlation(device, properties, "\0\1\2", 3);
  uint32_t number = 0;
  uint8_t format = 0;
  if (mosquitto_property_read_int32(properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, &number, false) == NULL || number > 100) {
    fail(device, "another expiry");
  }
  if (mosquitto_property_read_varint(properties, MQTT_PROP_SUBSCRIPTION_IDENTIFIER, &number, false) == NULL || number != 300) {
    fail(device, "another subscription identifier");
  }
  if (mosquitto_property_read_byte(properties, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, &format, false) == NULL || format != 1) {
    fail(device, "another payload format");
  }
  char *value = user_property(properties, "colour");
  if (value == NULL || strcmp(value, "green") != 0) fail(device, "no user property");
  free(value);
}

/* ---- Going on. ---- */

static void run(const int *counter, int wanted) {
  while (*counter < wanted) {
    check(&one, mosquitto_loop(one.mosq, 10, 1));
    if (two.mosq != NULL) check(&two, mosquitto_loop(two.mosq, 10, 1));
  }
}

static void start(struct device *device, const char *name, int version, const char *host, const char *port) {
  device->name = name;
  device->other = device == &one ? &two : &one;
  check(device, mosquitto_int_option(device->mosq, MOSQ_OPT_PROTOCOL_VERSION, version));
  mosquitto_connect_v5_callback_set(device->mosq, on_connect);
  mosquitto_subscribe_v5_callback_set(device->mosq, on_subscribe);
  mosquitto_publish_v5_callback_set(device->mosq, on_publish);
  check(device, mosquitto_connect_bind_v5(device->mosq, host, atoi(port), 60, NULL, NULL));
  run(&device->connected, 0);
  if (device->connected != 0) fail(device, mosquitto_connack_string(device->connected));
}

static void talk(char **arguments) {
  const char *host = arguments[0], *port = arguments[1], *ca_file = arguments[2];
  struct device *const devices[] = {&one, &two};
  for (int n = 0; n < 2; ++n) {
    struct device *device = devices[n];
    device->mosq = mosquitto_new("device", true, device);
    check(device, mosquitto_tls_set(device->mosq, ca_file, NULL, NULL, NULL, NULL));
    check(device, mosquitto_username_pw_set(device->mosq, arguments[3 + 2 * n], arguments[4 + 2 * n]));
    mosquitto_message_v5_callback_set(device->mosq, on_talk);
    start(device, arguments[3 + 2 * n], n == 0 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311, host, port);
    run(&device->synced, 1);
  }
  char topic[128];
  snprintf(topic, sizeof topic, "im/u/%s/msg", two.name);
  mosquitto_property *properties = NULL;
  check(&one, mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE, "application/im+json"));
  check(&one, mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA, "q1", 2));
  const char question[] = "{\"body\":\"question\"}";
  check(&one, mosquitto_publish_v5(one.mosq, NULL, topic, (int)strlen(question), question, 1, false, properties));
  mosquitto_property_free_all(&properties);
  run(&one.heard, 1);
  run(&one.taken, 1);
  run(&two.taken, 1);
  if (two.heard != 1) fail(&two, "not one message");
}

static void exchange(char **arguments) {
  one.mosq = mosquitto_new("writer", true, &one);
  start(&one, "writer", MQTT_PROTOCOL_V5, arguments[0], arguments[1]);
  two.mosq = mosquitto_new("reader", true, &two);
  mosquitto_message_v5_callback_set(two.mosq, on_open);
  start(&two, "reader", MQTT_PROTOCOL_V5, arguments[0], arguments[1]);
  mosquitto_property *properties = NULL;
  check(&two, mosquitto_property_add_varint(&properties, MQTT_PROP_SUBSCRIPTION_IDENTIFIER, 300));
  check(&two, mosquitto_subscribe_v5(two.mosq, NULL, "house/+", 2, 0, properties));
  mosquitto_property_free_all(&properties);
  run(&two.granted, 0);
  if (two.granted != 2) fail(&two, "another QoS than was asked for");
  check(&one, mosquitto_property_add_byte(&properties, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1));
  check(&one, mosquitto_property_add_int32(&properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, 100));
  check(&one, mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE, "text/plain"));
  check(&one, mosquitto_property_add_string(&properties, MQTT_PROP_RESPONSE_TOPIC, "answers/here"));
  check(&one, mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA, "\0\1\2", 3));
  check(&one, mosquitto_property_add_string_pair(&properties, MQTT_PROP_USER_PROPERTY, "colour", "green"));
  for (int n = 0; n < MESSAGES; ++n) {
    char text[32];
    snprintf(text, sizeof text, "number %d", n);
    check(&one, mosquitto_publish_v5(one.mosq, NULL, "house/light", (int)strlen(text), text, 2, false, properties));
  }
  mosquitto_property_free_all(&properties);
  run(&two.heard, MESSAGES);
  run(&one.taken, MESSAGES);
  if (two.heard != MESSAGES) fail(&two, "something came twice");
}

int main(int argc, char **argv) {
  const int talks = argc == 9 && strcmp(argv[1], "talk") == 0;
  if (!talks && !(argc == 4 && strcmp(argv[1], "open") == 0)) {
    fprintf(stderr, "usage: %s talk HOST PORT CA_FILE NAME PASSWORD NAME PASSWORD | open HOST PORT\n", argv[0]);
    return 2;
  }
  alarm(60);
  mosquitto_lib_init();
  if (talks) {
    talk(argv + 2);
  } else {
    exchange(argv + 2);
  }
  mosquitto_destroy(one.mosq);
  mosquitto_destroy(two.mosq);
  mosquitto_lib_cleanup();
  puts("ok");
  return 0;
}
