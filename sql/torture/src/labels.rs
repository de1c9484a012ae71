//! Names of the choices that make statements, as scenarios show them. Option 0 does nothing, or the plainest thing.

env::labels! {
    SORT: "sql.transaction", Task, "what sort of transaction comes next";
    LEVEL: "sql.isolation", Task, "read committed, repeatable read or serializable";
    LENGTH: "sql.statements", Task, "how many statements the transaction has";
    STATEMENT: "sql.statement", Task, "what the next statement does";
    TABLE: "sql.table", Task, "on which table";
    COLUMN: "sql.column", Task, "on which column";
    VALUE: "sql.value", Task, "which value";
    KEY: "sql.key", Task, "which key";
    COUNT: "sql.count", Task, "how many rows, values or columns";
    SHAPE: "sql.shape", Task, "the form of an expression";
    VARIANT: "sql.variant", Task, "the form of a statement";
    DEFINITION: "sql.definition", Task, "what a definition does";
    ENDING: "sql.ending", Task, "whether the transaction rolls back";
    AFTER_ERROR: "sql.after_error", Task, "whether a failed transaction goes back to its savepoint";
    QUERY: "sql.query", Task, "the form of a query";
    MODE: "sql.mode", Task, "in which other way a query is run";
    ACT: "server.act", Task, "what a client of the server does next";
    MESSAGES: "server.messages", Task, "in which messages something is said, and at which level";
    ACCOUNTS: "server.accounts", Task, "between which accounts, and how much";
    VANISH: "server.vanish", Task, "where a client goes away without a word";
    SAVEPOINT: "server.savepoint", Task, "whether a statement is within a savepoint, and what else is";
    COPY: "server.copy", Task, "how many lines are copied, in which format, and how that ends";
    PORTAL: "server.portal", Task, "how much of which portal is executed";
    SCHEMA: "server.schema", Task, "which column comes or goes, what is read, and how that is planned";
    LISTS: "server.lists", Task, "which list is read or appended to";
    LISTENING: "server.listening", Task, "whether a client waits for what it is told";
    STALL: "server.stall", Task, "how a client stops reading";
    DISTURB: "server.disturb", Task, "who is cancelled or ended, and how";
    SILENCE: "server.silence", Task, "how a client says nothing";
    CONNECT: "server.client.connect", Network, "no client comes";
    SEND: "server.client.send", Network, "nothing is asked";
    RECEIVE: "server.client.receive", Network, "no answer is heard";
    PATIENCE: "server.client.patience", Network, "who is never answered waits for ever";
    PAUSE: "server.client.pause", Clock, "a client that is refused asks again at once";
    ACCOUNT: "sql.account", Task, "whether this acknowledgement is held against the synced bytes alone";
}
