-- Texts without the signs on their letters.

create function unaccent(regdictionary, text) returns text language c stable strict parallel safe as '$libdir/unaccent', 'unaccent_dict';
create function unaccent(text) returns text language c stable strict parallel safe as '$libdir/unaccent', 'unaccent_dict';
create function unaccent_init(internal) returns internal language c parallel safe as '$libdir/unaccent', 'unaccent_init';
create function unaccent_lexize(internal, internal, internal, internal) returns internal language c parallel safe as '$libdir/unaccent', 'unaccent_lexize';
create text search template unaccent (init = unaccent_init, lexize = unaccent_lexize);
create text search dictionary unaccent (template = unaccent, rules = 'unaccent');
