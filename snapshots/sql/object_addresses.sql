CREATE SCHEMA addr_nsp;
SET search_path TO 'addr_nsp';
CREATE TABLE addr_nsp.gentable (a serial primary key CONSTRAINT a_chk CHECK (a > 0), b text DEFAULT 'hello');
CREATE TABLE addr_nsp.parttable (a int PRIMARY KEY) PARTITION BY RANGE (a);
CREATE VIEW addr_nsp.genview AS SELECT * from addr_nsp.gentable;
CREATE MATERIALIZED VIEW addr_nsp.genmatview AS SELECT * FROM addr_nsp.gentable;
CREATE TYPE addr_nsp.gencomptype AS (a int);
CREATE TYPE addr_nsp.genenum AS ENUM ('one', 'two');
CREATE AGGREGATE addr_nsp.genaggr(int4) (sfunc = int4pl, stype = int4);
CREATE DOMAIN addr_nsp.gendomain AS int4 CONSTRAINT domconstr CHECK (value > 0);
CREATE FUNCTION addr_nsp.trig() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN END; $$;
CREATE TRIGGER t BEFORE INSERT ON addr_nsp.gentable FOR EACH ROW EXECUTE PROCEDURE addr_nsp.trig();
CREATE POLICY genpol ON addr_nsp.gentable;
CREATE PROCEDURE addr_nsp.proc(int4) LANGUAGE SQL AS $$ $$;
CREATE STATISTICS addr_nsp.gentable_stat ON a, b FROM addr_nsp.gentable;
CREATE ROLE regress_addr_user;
CREATE RULE genrule AS ON INSERT TO addr_nsp.gentable DO NOTHING;
SELECT pg_get_object_address('stone', '{}', '{}');
SELECT pg_get_object_address('table', '{}', '{}');
SELECT pg_get_object_address('table', '{NULL}', '{}');
SELECT pg_get_object_address(NULL, '{}', '{}');
DO $$
DECLARE objtype text; names text[]; args text[];
BEGIN
 FOR objtype IN VALUES ('toast table'), ('index column'), ('sequence column'), ('toast table column'), ('view column'), ('materialized view column'), ('operator of access method'), ('function of access method'), ('rule'), ('trigger'), ('policy'), ('publication relation'), ('default acl'), ('publication namespace'), ('extension'), ('event trigger'), ('user mapping'), ('server'), ('foreign-data wrapper'), ('tablespace'), ('role'), ('database'), ('large object'), ('type'), ('cast'), ('table constraint'), ('domain constraint'), ('conversion'), ('default value'), ('language'), ('operator'), ('operator class'), ('operator family'), ('table'), ('index'), ('sequence'), ('view'), ('materialized view'), ('foreign table'), ('table column'), ('foreign table column'), ('aggregate'), ('function'), ('procedure'), ('collation'), ('text search parser'), ('text search dictionary'), ('text search template'), ('text search configuration'), ('transform'), ('statistics object'), ('subscription'), ('publication'), ('access method'), ('schema'), ('composite type'), ('routine'), ('rule'), ('domain'), ('column'), ('attribute'), ('parameter ACL')
 LOOP
  FOR names IN VALUES ('{eins}'), ('{addr_nsp, zwei}'), ('{eins, zwei, drei}'), ('{a,b,c,d}')
  LOOP
   FOR args IN VALUES ('{}'), ('{integer}'), ('{integer,text}')
   LOOP
    BEGIN
     PERFORM pg_get_object_address(objtype, names, args);
    EXCEPTION WHEN OTHERS THEN
     RAISE WARNING 'error for %,%,%: % %', objtype, names, args, SQLSTATE, sqlerrm;
    END;
   END LOOP;
  END LOOP;
 END LOOP;
END; $$;
SELECT pg_get_object_address('language', '{one}', '{}');
SELECT pg_get_object_address('language', '{one,two}', '{}');
SELECT pg_get_object_address('large object', '{123}', '{}');
SELECT pg_get_object_address('large object', '{123,456}', '{}');
SELECT pg_get_object_address('large object', '{blargh}', '{}');
SELECT pg_get_object_address('schema', '{one}', '{}');
SELECT pg_get_object_address('schema', '{one,two}', '{}');
SELECT pg_get_object_address('role', '{one}', '{}');
SELECT pg_get_object_address('role', '{one,two}', '{}');
SELECT pg_get_object_address('database', '{one}', '{}');
SELECT pg_get_object_address('tablespace', '{one}', '{}');
SELECT pg_get_object_address('foreign-data wrapper', '{one}', '{}');
SELECT pg_get_object_address('server', '{one}', '{}');
SELECT pg_get_object_address('extension', '{one}', '{}');
SELECT pg_get_object_address('event trigger', '{one}', '{}');
SELECT pg_get_object_address('access method', '{one}', '{}');
SELECT pg_get_object_address('publication', '{one}', '{}');
SELECT pg_get_object_address('subscription', '{one}', '{}');
SELECT pg_get_object_address('type', '{}', '{}');
SELECT pg_get_object_address('default value', '{addr_nsp,parttable,a}', '{}');
SELECT pg_get_object_address('default value', '{addr_nsp,gentable,zz}', '{}');
SELECT pg_get_object_address('table column', '{addr_nsp,gentable,zz}', '{}');
SELECT pg_get_object_address('table column', '{gentable}', '{}');
SELECT pg_get_object_address('view column', '{addr_nsp,gentable,a}', '{}');
SELECT pg_get_object_address('view', '{addr_nsp,gentable}', '{}');
SELECT pg_get_object_address('index', '{addr_nsp,gentable}', '{}');
SELECT pg_get_object_address('foreign table', '{addr_nsp,gentable}', '{}');
SELECT pg_get_object_address('sequence', '{addr_nsp,gentable}', '{}');
SELECT pg_get_object_address('materialized view', '{addr_nsp,gentable}', '{}');
SELECT pg_get_object_address('table', '{addr_nsp,genview}', '{}');
SELECT pg_get_object_address('table', '{a,b,c,d}', '{}');
SELECT pg_get_object_address('table', '{other,addr_nsp,gentable}', '{}');
SELECT pg_get_object_address('aggregate', '{addr_nsp,trig}', '{}');
SELECT pg_get_object_address('procedure', '{addr_nsp,trig}', '{}');
SELECT pg_get_object_address('function', '{addr_nsp,proc}', '{int4}');
SELECT pg_get_object_address('routine', '{addr_nsp,proc}', '{int4}');
SELECT pg_get_object_address('operator', '{+}', '{int4}');
SELECT pg_get_object_address('operator', '{+}', '{int4,bool}');
SELECT pg_get_object_address('cast', '{int4}', '{text}');
SELECT pg_get_object_address('cast', '{nope}', '{text}');
SELECT pg_get_object_address('operator class', '{btree}', '{}');
SELECT pg_get_object_address('operator class', '{nope,int4_ops}', '{}');
SELECT pg_get_object_address('operator of access method', '{btree,integer_ops,1}', '{int4,bool}');
SELECT pg_get_object_address('operator of access method', '{btree,integer_ops,99}', '{int4,int4}');
SELECT pg_get_object_address('function of access method', '{btree,integer_ops,99}', '{int4,int4}');
SELECT pg_get_object_address('operator of access method', '{btree,integer_ops,x}', '{int4,int4}');
SELECT pg_get_object_address('operator of access method', '{btree,integer_ops,1}', '{int4}');
SELECT pg_get_object_address('domain constraint', '{addr_nsp.gendomain}', '{nope}');
SELECT pg_get_object_address('domain constraint', '{addr_nsp.nope}', '{domconstr}');
SELECT pg_get_object_address('domain constraint', '{int4}', '{domconstr}');
SELECT pg_get_object_address('default acl', '{regress_addr_user,public}', '{r}');
SELECT pg_get_object_address('default acl', '{regress_addr_user}', '{z}');
SELECT pg_get_object_address('user mapping', '{regress_addr_user}', '{integer}');
SELECT pg_get_object_address('user mapping', '{nope}', '{integer}');
SELECT pg_get_object_address('user mapping', '{public}', '{integer}');
SELECT pg_get_object_address('transform', '{int}', '{sql}');
SELECT pg_get_object_address('publication relation', '{addr_nsp,gentable}', '{pub}');
SELECT pg_get_object_address('publication relation', '{addr_nsp,nope}', '{pub}');
SELECT pg_get_object_address('publication namespace', '{addr_nsp}', '{pub}');
SELECT pg_get_object_address('publication namespace', '{nope}', '{pub}');
SELECT pg_get_object_address('rule', '{addr_nsp,gentable,nope}', '{}');
SELECT pg_get_object_address('rule', '{addr_nsp,nope,nope}', '{}');
SELECT pg_get_object_address('trigger', '{nope}', '{}');
WITH objects (type, name, args) AS (VALUES
 ('table', '{addr_nsp, gentable}'::text[], '{}'::text[]), ('table', '{addr_nsp, parttable}'::text[], '{}'::text[]),
 ('index', '{addr_nsp, gentable_pkey}', '{}'), ('index', '{addr_nsp, parttable_pkey}', '{}'),
 ('sequence', '{addr_nsp, gentable_a_seq}', '{}'), ('view', '{addr_nsp, genview}', '{}'),
 ('materialized view', '{addr_nsp, genmatview}', '{}'), ('table column', '{addr_nsp, gentable, b}', '{}'),
 ('aggregate', '{addr_nsp, genaggr}', '{int4}'), ('function', '{pg_catalog, pg_identify_object}', '{pg_catalog.oid, pg_catalog.oid, int4}'),
 ('procedure', '{addr_nsp, proc}', '{int4}'), ('type', '{pg_catalog._int4}', '{}'), ('type', '{addr_nsp.gendomain}', '{}'),
 ('type', '{addr_nsp.gencomptype}', '{}'), ('type', '{addr_nsp.genenum}', '{}'),
 ('cast', '{int8}', '{int4}'), ('collation', '{default}', '{}'), ('table constraint', '{addr_nsp, gentable, a_chk}', '{}'),
 ('domain constraint', '{addr_nsp.gendomain}', '{domconstr}'), ('default value', '{addr_nsp, gentable, b}', '{}'),
 ('language', '{plpgsql}', '{}'), ('operator', '{+}', '{int4, int4}'),
 ('operator class', '{btree, int4_ops}', '{}'), ('operator family', '{btree, integer_ops}', '{}'),
 ('rule', '{addr_nsp, genview, _RETURN}', '{}'), ('rule', '{addr_nsp, gentable, genrule}', '{}'), ('trigger', '{addr_nsp, gentable, t}', '{}'),
 ('schema', '{addr_nsp}', '{}'), ('text search parser', '{default}', '{}'), ('text search dictionary', '{english_stem}', '{}'),
 ('text search template', '{simple}', '{}'), ('text search configuration', '{simple}', '{}'),
 ('role', '{regress_addr_user}', '{}'), ('tablespace', '{pg_default}', '{}'), ('policy', '{addr_nsp, gentable, genpol}', '{}'),
 ('access method', '{btree}', '{}'), ('access method', '{heap}', '{}'), ('statistics object', '{addr_nsp, gentable_stat}', '{}'),
 ('function', '{lower}', '{text}'), ('cast', '{varchar}', '{text}')
)
SELECT (pg_identify_object(addr1.classid, addr1.objid, addr1.objsubid)).*,
 ROW(pg_identify_object(addr1.classid, addr1.objid, addr1.objsubid)) = ROW(pg_identify_object(addr2.classid, addr2.objid, addr2.objsubid)) AS same, pg_describe_object(addr1.classid, addr1.objid, addr1.objsubid)
 FROM objects, pg_get_object_address(type, name, args) AS addr1,
 pg_identify_object_as_address(classid, objid, objsubid) AS ioa (typ, nms, args),
 pg_get_object_address(typ, nms, ioa.args) AS addr2
 ORDER BY 1, 2, 3, 4;
SELECT t, pg_identify_object(t::regclass, 0, 0), pg_describe_object(t::regclass, 0, 0), pg_identify_object_as_address(t::regclass, 0, 0) FROM unnest('{pg_class,pg_type,pg_proc,pg_constraint,pg_attrdef,pg_cast,pg_language,pg_namespace,pg_am,pg_opclass,pg_opfamily,pg_operator,pg_rewrite,pg_trigger,pg_policy,pg_statistic_ext,pg_collation,pg_ts_config,pg_ts_dict,pg_ts_parser,pg_ts_template,pg_authid,pg_database,pg_tablespace,pg_event_trigger,pg_extension,pg_foreign_data_wrapper,pg_foreign_server,pg_user_mapping,pg_largeobject,pg_conversion,pg_transform,pg_default_acl,pg_amop,pg_amproc,pg_publication,pg_publication_rel,pg_publication_namespace,pg_subscription,pg_parameter_acl}'::text[]) t;
SELECT pg_get_object_address('table column', '{addr_nsp,gentable,ctid}', '{}') = ROW('pg_class'::regclass::oid, 'gentable'::regclass::oid, -1);
SELECT pg_get_object_address('table column', '{addr_nsp,genview,b}', '{}') = ROW('pg_class'::regclass::oid, 'genview'::regclass::oid, 2);
SELECT pg_get_object_address('operator class', '{btree,nope_ops}', '{}');
SELECT pg_get_object_address('operator family', '{btree,nope_ops}', '{}');
SELECT pg_get_object_address('operator class', '{btree,x,nope_ops}', '{}');
SELECT pg_get_object_address('operator of access method', '{btree,nope_ops,1}', '{int4,int4}');
SELECT pg_get_object_address('trigger', '{addr_nsp,gentable,nope}', '{}');
SELECT pg_get_object_address('policy', '{addr_nsp,gentable,nope}', '{}');
SELECT pg_get_object_address('table constraint', '{addr_nsp,gentable,nope}', '{}');
SELECT pg_get_object_address('function', '{nope_nsp,x}', '{int4}');
SELECT pg_get_object_address('function', '{lower}', '{int4,text}');
SELECT pg_get_object_address('aggregate', '{sum}', '{int4}') = ROW('pg_proc'::regclass::oid, 2108::oid, 0);
SELECT pg_get_object_address('function', '{}', '{int4,text}');
SELECT pg_get_object_address('operator', '{nope,+}', '{int4,int4}');
SELECT pg_get_object_address('operator', '{pg_catalog,+}', '{int4,int4}');
SELECT pg_get_object_address('operator', '{##}', '{int4,int4}');
SELECT pg_get_object_address('transform', '{int4}', '{nope}');
SELECT pg_get_object_address('default acl', '{nope}', '{r}');
SELECT pg_get_object_address('default acl', '{regress_addr_user,nope}', '{f}');
SELECT pg_get_object_address('text search parser', '{nope,default}', '{}');
SELECT pg_get_object_address('statistics object', '{nope,default}', '{}');
SELECT pg_get_object_address('collation', '{nope,default}', '{}');
SELECT pg_get_object_address('text search configuration', '{pg_catalog,english}', '{}') = ROW('pg_ts_config'::regclass::oid, 'english'::regconfig::oid, 0);
SELECT pg_get_object_address('access method', '{gin}', '{}'), pg_get_object_address('access method', '{brin}', '{}');
SELECT pg_get_object_address('type', '{"pg_catalog.int4[]"}', '{}'), pg_get_object_address('type', '{"numeric(10,2)"}', '{}'), pg_get_object_address('type', '{bit varying}', '{}');
ALTER DEFAULT PRIVILEGES FOR ROLE regress_addr_user IN SCHEMA public GRANT ALL ON TABLES TO regress_addr_user;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_addr_user REVOKE DELETE ON TABLES FROM regress_addr_user;
SELECT (pg_identify_object(classid, objid, objsubid)).* FROM pg_get_object_address('default acl', '{regress_addr_user,public}', '{r}');
SELECT (pg_identify_object_as_address(classid, objid, objsubid)).* FROM pg_get_object_address('default acl', '{regress_addr_user}', '{r}');
SELECT pg_describe_object(classid, objid, objsubid) FROM pg_get_object_address('default acl', '{regress_addr_user}', '{r}');
SELECT (pg_identify_object(classid, objid, objsubid)).* FROM pg_get_object_address('operator of access method', '{btree,integer_ops,1}', '{integer,integer}');
SELECT (pg_identify_object_as_address(classid, objid, objsubid)).* FROM pg_get_object_address('function of access method', '{btree,integer_ops,2}', '{integer,integer}');
SELECT pg_describe_object(classid, objid, objsubid) FROM pg_get_object_address('operator of access method', '{btree,integer_ops,1}', '{integer,bigint}');
SELECT pg_describe_object(classid, objid, objsubid) FROM pg_get_object_address('function of access method', '{btree,integer_ops,1}', '{integer,bigint}');
SELECT * FROM pg_get_object_address('schema', '{public}', '{}');
SELECT * FROM pg_get_object_address(type => 'schema', object_names => '{public}', object_args => '{}');
SELECT pg_identify_object(0, 0, 0);
SELECT pg_describe_object('pg_attribute'::regclass, 1, 0);
SELECT pg_get_object_address('composite type column','{a}','{}');
SELECT pg_get_object_address('role membership','{a}','{}');
SELECT pg_get_object_address('operator class','{heap,int4_ops}','{}');
SELECT pg_get_object_address('Table','{pg_class}','{}');
SELECT pg_get_object_address('table','{"pg_class",NULL}','{}');
SELECT pg_get_object_address('type','{NULL}','{}');
SELECT pg_get_object_address('table','{}','{NULL}');
SELECT pg_get_object_address('cast','{int4}','{text,text}');
SELECT pg_get_object_address('operator','{a,b,c,+}','{int4,int4}');
SELECT pg_get_object_address('table constraint','{nopet,x}','{}');
SELECT pg_get_object_address('default value','{pg_class,relname}','{}');
SELECT pg_get_object_address('large object','{-1}','{}');
SELECT pg_get_object_address('large object','{99999999999}','{}');
SELECT pg_get_object_address('operator of access method','{btree,pg_catalog,integer_ops,7}','{int4,text}');
SELECT pg_get_object_address('role','{public}','{}');
SELECT pg_describe_object(826,1000,0), pg_describe_object(3079,1,0), pg_describe_object(2602, 1, 0);
DROP SCHEMA addr_nsp CASCADE;
DROP OWNED BY regress_addr_user;
DROP ROLE regress_addr_user;
