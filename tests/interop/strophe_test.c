/* Two people on libstrophe: STARTTLS with a certificate that is checked, SASL, a session, a message there and one back.
 *
 *   strophe_client HOST PORT CA_FILE ADDRESS PASSWORD ADDRESS PASSWORD
 *
 * Prints "mechanism ADDRESS NAME" for each, and "talked" at the end; exits 1 with the reason on stderr otherwise. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <strophe.h>

struct person {
  const char *address;
  const char *password;
  xmpp_conn_t *conn;
  struct person *other;
  int here;   /* is logged in, and has shown presence */
  int heard;  /* has got the other's message */
};

static const char *host, *ca_file;
static unsigned short port;
static xmpp_ctx_t *ctx;
static char mechanism[64]; /* of the login under way */
static int failed;

static void fail(const char *who, const char *why) {
  fprintf(stderr, "%s: %s\n", who, why);
  failed = 1;
  xmpp_stop(ctx);
}

/* The library tells the mechanism that it chose nowhere but in its log. */
static void on_log(void *unused, xmpp_log_level_t level, const char *area, const char *line) {
  (void)unused;
  const char *chosen = strncmp(line, "SENT: <auth ", 12) == 0 ? strstr(line, "mechanism=\"") : NULL;
  if (chosen != NULL) sscanf(chosen, "mechanism=\"%63[^\"]", mechanism);
  if (level >= XMPP_LEVEL_WARN) fprintf(stderr, "%s %s\n", area, line);
}

static int on_bad_certificate(const xmpp_tlscert_t *cert, const char *const reason) {
  (void)cert;
  fprintf(stderr, "certificate refused: %s\n", reason);
  return 0;
}

static void say(struct person *person, const char *text) {
  xmpp_stanza_t *message = xmpp_message_new(ctx, "chat", person->other->address, person->address);
  xmpp_message_set_body(message, text);
  xmpp_send(person->conn, message);
  xmpp_stanza_release(message);
}

static int on_message(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *userdata) {
  struct person *person = userdata;
  char *text = xmpp_message_get_body(stanza);
  const char *from = xmpp_stanza_get_from(stanza);
  (void)conn;
  if (text == NULL) return 1;
  const size_t length = strlen(person->other->address);
  if (from == NULL || strncmp(from, person->other->address, length) != 0 || from[length] != '/') {
    fail(person->address, "a message of somebody else");
  } else if (strcmp(text, "question <&> \xe4\xbd\xa0\xe5\xa5\xbd") == 0) {
    say(person, "answer");
  } else if (strcmp(text, "answer") != 0) {
    fail(person->address, "another text than was sent");
  }
  xmpp_free(ctx, text);
  person->heard = 1;
  if (person->other->heard) {
    xmpp_disconnect(person->conn);
    xmpp_disconnect(person->other->conn);
  }
  return 1;
}

static void log_in(struct person *person);

static void on_connected(struct person *person) {
  if (!xmpp_conn_is_secured(person->conn)) return fail(person->address, "not secured");
  printf("mechanism %s %s\n", person->address, mechanism);
  xmpp_handler_add(person->conn, on_message, NULL, "message", NULL, person);
  xmpp_stanza_t *presence = xmpp_presence_new(ctx);
  xmpp_send(person->conn, presence);
  xmpp_stanza_release(presence);
  person->here = 1;
  if (person->other->here) {
    say(person, "question <&> \xe4\xbd\xa0\xe5\xa5\xbd");
  } else {
    log_in(person->other);
  }
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error,
                          void *userdata) {
  struct person *person = userdata;
  (void)conn;
  if (event == XMPP_CONN_CONNECT) {
    on_connected(person);
  } else if (event == XMPP_CONN_DISCONNECT || event == XMPP_CONN_FAIL) {
    if (stream_error != NULL) fprintf(stderr, "stream error: %s\n", stream_error->text ? stream_error->text : "?");
    if (error != 0) fprintf(stderr, "error %d\n", error);
    if (!person->heard) return fail(person->address, person->here ? "cut off" : "could not log in");
    person->here = 0;
    if (!person->other->here) xmpp_stop(ctx);
  }
}

static void log_in(struct person *person) {
  person->conn = xmpp_conn_new(ctx);
  xmpp_conn_set_flags(person->conn, XMPP_CONN_FLAG_MANDATORY_TLS);
  xmpp_conn_set_cafile(person->conn, ca_file);
  xmpp_conn_set_certfail_handler(person->conn, on_bad_certificate);
  xmpp_conn_set_jid(person->conn, person->address);
  xmpp_conn_set_pass(person->conn, person->password);
  if (xmpp_connect_client(person->conn, host, port, on_connection, person) != XMPP_EOK) {
    fail(person->address, "cannot connect");
  }
}

int main(int argc, char **argv) {
  if (argc != 8) {
    fprintf(stderr, "usage: %s HOST PORT CA_FILE ADDRESS PASSWORD ADDRESS PASSWORD\n", argv[0]);
    return 2;
  }
  alarm(60);
  host = argv[1];
  port = (unsigned short)atoi(argv[2]);
  ca_file = argv[3];
  struct person first = {argv[4], argv[5], NULL, NULL, 0, 0};
  struct person second = {argv[6], argv[7], NULL, &first, 0, 0};
  first.other = &second;
  xmpp_initialize();
  const xmpp_log_t log = {on_log, NULL};
  ctx = xmpp_ctx_new(NULL, &log);
  log_in(&first);
  if (!failed) xmpp_run(ctx);
  if (first.conn != NULL) xmpp_conn_release(first.conn);
  if (second.conn != NULL) xmpp_conn_release(second.conn);
  xmpp_ctx_free(ctx);
  xmpp_shutdown();
  if (failed || !first.heard || !second.heard) return 1;
  puts("talked");
  return 0;
}
