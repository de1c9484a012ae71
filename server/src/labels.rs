//! What the server asks of the world.

env::labels! {
    LISTEN: "server.listen", Network, "nobody can connect";
    ACCEPT: "server.accept", Network, "nobody can connect";
    READ: "server.read", Network, "a client is not heard";
    WRITE: "server.write", Network, "a client is not answered";
    WRITE_PATIENCE: "server.write.patience", Network, "a client that takes nothing cannot be ended";
    PATIENCE: "server.patience", Network, "a client that says nothing stays for ever";
    CALLS: "server.calls", Network, "who listens to notifications hears of them when he speaks himself";
    CLOSE: "server.close", Network, "a client does not learn that it is over";
    STOP: "server.stop", Network, "the server does not stop";
    CONNECTION: "server.connection", Task, "a client is not served";
    METRICS_ACCEPT: "server.metrics.accept", Network, "nobody learns figures";
    METRICS_READ: "server.metrics.read", Network, "a request for figures is not heard";
    METRICS_WRITE: "server.metrics.write", Network, "figures are not told";
    METRICS_PATIENCE: "server.metrics.patience", Network, "one who asks for nothing keeps all others from asking";
    ACCEPTING: "server.accepting", Task, "nobody can connect";
    REST: "server.rest", Clock, "a server without descriptors does nothing but ask for one";
    CLOCK: "server.clock", Clock, "somebody may take for ever to log in";
    SECRET: "server.secret", Entropy, "anybody may cancel what others do";
    NONCE: "server.nonce", Entropy, "an overheard login can be said again";
    CONNECTIONS: "server.connections.lock", Lock, "two connections are counted as one";
    GONE: "server.connections.gone", Lock, "the server does not see its last client go";
}
