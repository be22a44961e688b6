// An agent's desk with the unmodified socket.io-client: joins once, and merely reconnects after that.
// Standard input: one line of JSON {url, token, conversation, options}; then a line for each time it shall leave and connect
// again. It ends when that closes.
// Standard output: one line of JSON per thing that happens.
const { io } = require("socket.io-client");

const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

let socket = null;
require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => (socket ? socket.disconnect().connect() : begin(JSON.parse(line))))
  .on("close", () => process.exit(0));

function begin({ url, token, conversation, options }) {
  socket = io(url, { auth: { token }, ...options });
  let joined = false;
  const opened = () => socket.io.engine.once("upgrade", (transport) => say({ upgraded: transport.name }));
  socket.io.engine ? opened() : socket.io.on("open", opened);
  socket.on("connect", () => {
    say({ connected: socket.io.engine.transport.name, recovered: socket.recovered });
    if (joined) return;
    joined = true;
    socket.emit("join-conversation", conversation, (...answer) => say({ joined: answer }));
  });
  socket.on("new-message-event", (event, ...more) => say({ heard: event.message_id, arguments: 1 + more.length }));
  socket.on("connect_error", (error) => say({ error: error.message }));
  socket.on("disconnect", (reason) => say({ disconnected: reason }));
}
