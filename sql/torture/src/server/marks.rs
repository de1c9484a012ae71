//! What clients of the server must sometimes do or meet: each is counted in reports, and one that never happens is a failure of
//! its own.

env::labels! {
    MADE_AGAIN: "server.mark.made_again", Mark, "a deed of which nobody had heard was not there, and was made again";
    VANISHED: "server.mark.vanished", Mark, "a client went away in the midst of a transaction";
    RELEASED: "server.mark.savepoint.released", Mark, "a statement of a transfer was done within a savepoint";
    ROLLED_BACK_TO: "server.mark.savepoint.rolled_back", Mark, "a transfer went back to a savepoint, and on";
    PREPARED_AGAIN: "server.mark.prepared.again", Mark, "a transfer was made by statements that had been prepared before";
    READ_BY_ONE: "server.mark.read.statement", Mark, "one statement read all transfers and all balances";
    READ_SNAPSHOT: "server.mark.read.snapshot", Mark, "several statements read what one snapshot holds";
    COPIED_IN: "server.mark.copy.in", Mark, "lines were copied in, and their commit asked for";
    COPY_FAILED: "server.mark.copy.in.failed", Mark, "a client said that a COPY fails";
    COPY_REFUSED: "server.mark.copy.in.refused", Mark, "data of a COPY were refused";
    COPY_VANISHED: "server.mark.copy.in.vanished", Mark, "a client went away in the midst of its data";
    COPY_ROLLED_BACK_TO: "server.mark.copy.in.rolled_back", Mark, "a transaction went back to before a COPY that had failed, and on";
    COPIED_OUT: "server.mark.copy.out", Mark, "all lines were copied out";
    COPY_OUT_STOPPED: "server.mark.copy.out.stopped", Mark, "a client stopped reading in the midst of a COPY";
    PORTAL_GOES_ON: "server.mark.portal.goes_on", Mark, "a portal was executed again where it had stopped";
    PORTAL_OVER_SAVEPOINT: "server.mark.portal.savepoint", Mark, "a transaction went back to a savepoint among its portals";
    PORTAL_ENDED: "server.mark.portal.ended", Mark, "a portal was gone with its transaction";
    COLUMNS_CHANGED: "server.mark.columns.changed", Mark, "a column came or went";
    COLUMN_REPLACED: "server.mark.columns.replaced", Mark, "a column took the place of another of its name";
    COLUMNS_SEEN: "server.mark.columns.seen", Mark, "a prepared statement showed a column that had come";
    PLAN_REFUSED: "server.mark.columns.refused", Mark, "a prepared statement was refused, as its columns had become others";
    LISTS_WORKED_ON: "server.mark.lists", Mark, "a transaction that reads and appends to lists was acknowledged";
    HEARD: "server.mark.heard", Mark, "a listener was told of a deed";
    HEARD_AT_REST: "server.mark.heard.at_rest", Mark, "a listener that said nothing was told of a deed";
    UNLISTENED: "server.mark.unlistened", Mark, "a listener stopped listening";
    STALLED: "server.mark.stalled", Mark, "a client read nothing for a while";
    STALLED_ENDED: "server.mark.stalled.ended", Mark, "a client that read nothing was ended";
    STALLED_FOR_GOOD: "server.mark.stalled.for_good", Mark, "a client read nothing until the server stopped";
    STALLED_COUNTED: "server.mark.stalled.counted", Mark, "it was counted what was made for a client that read nothing";
    TURNED_AWAY: "server.mark.turned_away", Mark, "a client that did not say who it is was turned away";
    OTHER_CANCELLED: "server.mark.other.cancelled", Mark, "a client asked to cancel what another did";
    OTHER_ENDED: "server.mark.other.ended", Mark, "a client ended another, and saw it gone";
    CANCELLED: "server.mark.cancelled", Mark, "a client's own statement was cancelled";
    CANCELLED_AT_REST: "server.mark.cancelled.at_rest", Mark, "a client was cancelled that did nothing";
    OUT_OF_TIME: "server.mark.out_of_time", Mark, "a statement took longer than it may";
    SILENCE_ENDED: "server.mark.silence.ended", Mark, "a client that said nothing was ended";
    LOCKS_RELEASED: "server.mark.locks.released", Mark, "a client took the locks of one that had gone away";
}
