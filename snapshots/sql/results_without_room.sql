-- What would be longer than a value may be is refused before there is memory for it.
select npoints(polygon(2147483647, '<(0,0),2>'::circle));
select npoints(polygon(134217728, '<(0,0),2>'::circle));
select npoints(polygon(3, '<(0,0),2>'::circle));
select pg_catalog."bit"(B'11110000', 2147483647, true), pg_catalog."bit"(B'11110000', 2147483641, false), pg_catalog."bit"(B'11110000', 4, true);
-- What a value's text is long by is counted where it is made.
select length(concat_ws(',', 'a', null, array['b c'])), length(quote_literal($$a'b\c$$)), length(quote_ident('a"b'));
select replace('abcabc', 'bc', 'xyz'), regexp_replace('abcabc', '(b)(c)', '[\2\1\&\\]', 'g'), regexp_replace('abcabc', 'b', 'X', 1, 2);
select overlay('abcdef' placing 'XYZ' from 2 for 1), overlay('\x010203'::bytea placing '\xff' from 2 for 0);
select encode('\x00ff5c41', 'escape'), encode('\x00ff5c41', 'hex'), encode('\x00ff5c41', 'base64'), encode('a', 'none');
select row(row(row('a"b', ''), 'c\d'), null), array['a"b', 'c\d', null, ''], array[row('x y')];
select numrange(1, 2), textrange_of from (select '{[1,3),[5,7)}'::int4multirange textrange_of) s;
select to_jsonb(E'a\n"\u0001'::text)::text, jsonb_pretty('{"a":[1,"\\n"]}'), json_build_object('a"', array['b"']), ('{"a":{"b":[1.50,"x"]}}'::jsonb)->>'a';
select normalize(U&'a\0308', nfc) = U&'\00E4', translate('abc', 'ab', U&'\20AC\00E4'), string_to_array('a,b,', ','), array_to_string(array[1, null, 3], ',', '*');
select B'101' || B'01', overlay(B'11111' placing B'00' from 2 for 3), '\x00ff'::bytea, B'';
