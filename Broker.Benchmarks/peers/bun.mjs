// uWebSockets as it comes with Bun: GET / opens a WebSocket that hears one topic, POST / publishes its body to that topic.
//
//   bun bun.mjs PORT
const topic = "all";

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  async fetch(request, server) {
    if (request.method === "POST") {
      server.publish(topic, await request.text());
      return new Response("{}");
    }
    return server.upgrade(request) ? undefined : new Response("not a WebSocket upgrade", { status: 400 });
  },
  websocket: {
    idleTimeout: 0,
    perMessageDeflate: false,
    open(socket) {
      socket.subscribe(topic);
    },
    message() {},
  },
});
