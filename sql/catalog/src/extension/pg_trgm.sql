-- How similar texts are, by three characters in a row that they have in common.

create function set_limit(real) returns real language c volatile strict parallel unsafe as '$libdir/pg_trgm', 'set_limit';
create function show_limit() returns real language c stable strict parallel safe as '$libdir/pg_trgm', 'show_limit';
create function show_trgm(text) returns text[] language c immutable strict parallel safe as '$libdir/pg_trgm', 'show_trgm';
create function similarity(text, text) returns real language c immutable strict parallel safe as '$libdir/pg_trgm', 'similarity';
create function similarity_op(text, text) returns boolean language c stable strict parallel safe as '$libdir/pg_trgm', 'similarity_op';
create function word_similarity(text, text) returns real language c immutable strict parallel safe as '$libdir/pg_trgm', 'word_similarity';
create function word_similarity_op(text, text) returns boolean language c stable strict parallel safe as '$libdir/pg_trgm', 'word_similarity_op';
create function word_similarity_commutator_op(text, text) returns boolean language c stable strict parallel safe as '$libdir/pg_trgm', 'word_similarity_commutator_op';
create function similarity_dist(text, text) returns real language c immutable strict parallel safe as '$libdir/pg_trgm', 'similarity_dist';
create function word_similarity_dist_op(text, text) returns real language c immutable strict parallel safe as '$libdir/pg_trgm', 'word_similarity_dist_op';
create function word_similarity_dist_commutator_op(text, text) returns real language c immutable strict parallel safe as '$libdir/pg_trgm', 'word_similarity_dist_commutator_op';
create function strict_word_similarity(text, text) returns real language c immutable strict parallel safe as '$libdir/pg_trgm', 'strict_word_similarity';
create function strict_word_similarity_op(text, text) returns boolean language c stable strict parallel safe as '$libdir/pg_trgm', 'strict_word_similarity_op';
create function strict_word_similarity_commutator_op(text, text) returns boolean language c stable strict parallel safe as '$libdir/pg_trgm', 'strict_word_similarity_commutator_op';
create function strict_word_similarity_dist_op(text, text) returns real language c immutable strict parallel safe as '$libdir/pg_trgm', 'strict_word_similarity_dist_op';
create function strict_word_similarity_dist_commutator_op(text, text) returns real language c immutable strict parallel safe as '$libdir/pg_trgm', 'strict_word_similarity_dist_commutator_op';

create operator % (leftarg = text, rightarg = text, function = similarity_op, commutator = %, restrict = matchingsel, join = matchingjoinsel);
create operator <% (leftarg = text, rightarg = text, function = word_similarity_op, commutator = %>, restrict = matchingsel, join = matchingjoinsel);
create operator %> (leftarg = text, rightarg = text, function = word_similarity_commutator_op, commutator = <%, restrict = matchingsel, join = matchingjoinsel);
create operator <<% (leftarg = text, rightarg = text, function = strict_word_similarity_op, commutator = %>>, restrict = matchingsel, join = matchingjoinsel);
create operator %>> (leftarg = text, rightarg = text, function = strict_word_similarity_commutator_op, commutator = <<%, restrict = matchingsel, join = matchingjoinsel);
create operator <-> (leftarg = text, rightarg = text, function = similarity_dist, commutator = <->);
create operator <<-> (leftarg = text, rightarg = text, function = word_similarity_dist_op, commutator = <->>);
create operator <->> (leftarg = text, rightarg = text, function = word_similarity_dist_commutator_op, commutator = <<->);
create operator <<<-> (leftarg = text, rightarg = text, function = strict_word_similarity_dist_op, commutator = <->>>);
create operator <->>> (leftarg = text, rightarg = text, function = strict_word_similarity_dist_commutator_op, commutator = <<<->);

create type gtrgm;
create function gtrgm_in(cstring) returns gtrgm language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_in';
create function gtrgm_out(gtrgm) returns cstring language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_out';
create type gtrgm (internallength = -1, input = gtrgm_in, output = gtrgm_out);

create function gtrgm_consistent(internal, text, smallint, oid, internal) returns boolean language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_consistent';
create function gtrgm_distance(internal, text, smallint, oid, internal) returns double precision language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_distance';
create function gtrgm_compress(internal) returns internal language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_compress';
create function gtrgm_decompress(internal) returns internal language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_decompress';
create function gtrgm_penalty(internal, internal, internal) returns internal language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_penalty';
create function gtrgm_picksplit(internal, internal) returns internal language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_picksplit';
create function gtrgm_union(internal, internal) returns gtrgm language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_union';
create function gtrgm_same(gtrgm, gtrgm, internal) returns internal language c immutable strict parallel safe as '$libdir/pg_trgm', 'gtrgm_same';
create function gin_extract_value_trgm(text, internal) returns internal language c immutable strict parallel safe as '$libdir/pg_trgm', 'gin_extract_value_trgm';
create function gin_extract_query_trgm(text, internal, smallint, internal, internal, internal, internal) returns internal language c immutable strict parallel safe as '$libdir/pg_trgm', 'gin_extract_query_trgm';
create function gin_trgm_consistent(internal, smallint, text, integer, internal, internal, internal, internal) returns boolean language c immutable strict parallel safe as '$libdir/pg_trgm', 'gin_trgm_consistent';
create function gin_trgm_triconsistent(internal, smallint, text, integer, internal, internal, internal) returns "char" language c immutable strict parallel safe as '$libdir/pg_trgm', 'gin_trgm_triconsistent';
create function gtrgm_options(internal) returns void language c immutable parallel safe as '$libdir/pg_trgm', 'gtrgm_options';

create operator class gist_trgm_ops for type text using gist as operator 1 %(text, text), operator 2 <->(text, text) for order by pg_catalog.float_ops, operator 3 pg_catalog.~~(text, text), operator 4 pg_catalog.~~*(text, text), operator 5 pg_catalog.~(text, text), operator 6 pg_catalog.~*(text, text), operator 7 %>(text, text), operator 8 <->>(text, text) for order by pg_catalog.float_ops, operator 9 %>>(text, text), operator 10 <->>>(text, text) for order by pg_catalog.float_ops, operator 11 pg_catalog.=(text, text), function 1 gtrgm_consistent(internal, text, smallint, oid, internal), function 2 gtrgm_union(internal, internal), function 3 gtrgm_compress(internal), function 4 gtrgm_decompress(internal), function 5 gtrgm_penalty(internal, internal, internal), function 6 gtrgm_picksplit(internal, internal), function 7 gtrgm_same(gtrgm, gtrgm, internal), function 8 gtrgm_distance(internal, text, smallint, oid, internal), function 10 (text) gtrgm_options(internal), storage gtrgm;
create operator class gin_trgm_ops for type text using gin as operator 1 %(text, text), operator 3 pg_catalog.~~(text, text), operator 4 pg_catalog.~~*(text, text), operator 5 pg_catalog.~(text, text), operator 6 pg_catalog.~*(text, text), operator 7 %>(text, text), operator 9 %>>(text, text), operator 11 pg_catalog.=(text, text), function 1 btint4cmp(integer, integer), function 2 gin_extract_value_trgm(text, internal), function 3 gin_extract_query_trgm(text, internal, smallint, internal, internal, internal, internal), function 4 gin_trgm_consistent(internal, smallint, text, integer, internal, internal, internal, internal), function 6 gin_trgm_triconsistent(internal, smallint, text, integer, internal, internal, internal), storage integer;
