//! Numbers of built-in types by their names. An array's is asked of the table: [`super::TypeEntry::array`].

/// `bool`.
pub const BOOL: u32 = 16;
/// `bytea`.
pub const BYTEA: u32 = 17;
/// `char`.
pub const CHAR: u32 = 18;
/// `name`.
pub const NAME: u32 = 19;
/// `int8`.
pub const INT8: u32 = 20;
/// `int2`.
pub const INT2: u32 = 21;
/// `int2vector`.
pub const INT2VECTOR: u32 = 22;
/// `int4`.
pub const INT4: u32 = 23;
/// `regproc`.
pub const REGPROC: u32 = 24;
/// `text`.
pub const TEXT: u32 = 25;
/// `oid`.
pub const OID: u32 = 26;
/// `tid`.
pub const TID: u32 = 27;
/// `xid`.
pub const XID: u32 = 28;
/// `cid`.
pub const CID: u32 = 29;
/// `oidvector`.
pub const OIDVECTOR: u32 = 30;
/// `pg_ddl_command`.
pub const PG_DDL_COMMAND: u32 = 32;
/// `json`.
pub const JSON: u32 = 114;
/// `xml`.
pub const XML: u32 = 142;
/// `pg_node_tree`.
pub const PG_NODE_TREE: u32 = 194;
/// `table_am_handler`.
pub const TABLE_AM_HANDLER: u32 = 269;
/// `index_am_handler`.
pub const INDEX_AM_HANDLER: u32 = 325;
/// `point`.
pub const POINT: u32 = 600;
/// `lseg`.
pub const LSEG: u32 = 601;
/// `path`.
pub const PATH: u32 = 602;
/// `box`.
pub const BOX: u32 = 603;
/// `polygon`.
pub const POLYGON: u32 = 604;
/// `line`.
pub const LINE: u32 = 628;
/// `cidr`.
pub const CIDR: u32 = 650;
/// `float4`.
pub const FLOAT4: u32 = 700;
/// `float8`.
pub const FLOAT8: u32 = 701;
/// `unknown`.
pub const UNKNOWN: u32 = 705;
/// `circle`.
pub const CIRCLE: u32 = 718;
/// `macaddr8`.
pub const MACADDR8: u32 = 774;
/// `money`.
pub const MONEY: u32 = 790;
/// `macaddr`.
pub const MACADDR: u32 = 829;
/// `inet`.
pub const INET: u32 = 869;
/// `aclitem`.
pub const ACLITEM: u32 = 1033;
/// `bpchar`.
pub const BPCHAR: u32 = 1042;
/// `varchar`.
pub const VARCHAR: u32 = 1043;
/// `date`.
pub const DATE: u32 = 1082;
/// `time`.
pub const TIME: u32 = 1083;
/// `timestamp`.
pub const TIMESTAMP: u32 = 1114;
/// `timestamptz`.
pub const TIMESTAMPTZ: u32 = 1184;
/// `interval`.
pub const INTERVAL: u32 = 1186;
/// `timetz`.
pub const TIMETZ: u32 = 1266;
/// `bit`.
pub const BIT: u32 = 1560;
/// `varbit`.
pub const VARBIT: u32 = 1562;
/// `numeric`.
pub const NUMERIC: u32 = 1700;
/// `refcursor`.
pub const REFCURSOR: u32 = 1790;
/// `regprocedure`.
pub const REGPROCEDURE: u32 = 2202;
/// `regoper`.
pub const REGOPER: u32 = 2203;
/// `regoperator`.
pub const REGOPERATOR: u32 = 2204;
/// `regclass`.
pub const REGCLASS: u32 = 2205;
/// `regtype`.
pub const REGTYPE: u32 = 2206;
/// `record`.
pub const RECORD: u32 = 2249;
/// `cstring`.
pub const CSTRING: u32 = 2275;
/// `any`.
pub const ANY: u32 = 2276;
/// `anyarray`.
pub const ANYARRAY: u32 = 2277;
/// `void`.
pub const VOID: u32 = 2278;
/// `trigger`.
pub const TRIGGER: u32 = 2279;
/// `language_handler`.
pub const LANGUAGE_HANDLER: u32 = 2280;
/// `internal`.
pub const INTERNAL: u32 = 2281;
/// `anyelement`.
pub const ANYELEMENT: u32 = 2283;
/// `anynonarray`.
pub const ANYNONARRAY: u32 = 2776;
/// `uuid`.
pub const UUID: u32 = 2950;
/// `txid_snapshot`.
pub const TXID_SNAPSHOT: u32 = 2970;
/// `fdw_handler`.
pub const FDW_HANDLER: u32 = 3115;
/// `pg_lsn`.
pub const PG_LSN: u32 = 3220;
/// `tsm_handler`.
pub const TSM_HANDLER: u32 = 3310;
/// `pg_ndistinct`.
pub const PG_NDISTINCT: u32 = 3361;
/// `pg_dependencies`.
pub const PG_DEPENDENCIES: u32 = 3402;
/// `anyenum`.
pub const ANYENUM: u32 = 3500;
/// `tsvector`.
pub const TSVECTOR: u32 = 3614;
/// `tsquery`.
pub const TSQUERY: u32 = 3615;
/// `gtsvector`.
pub const GTSVECTOR: u32 = 3642;
/// `regconfig`.
pub const REGCONFIG: u32 = 3734;
/// `regdictionary`.
pub const REGDICTIONARY: u32 = 3769;
/// `jsonb`.
pub const JSONB: u32 = 3802;
/// `anyrange`.
pub const ANYRANGE: u32 = 3831;
/// `event_trigger`.
pub const EVENT_TRIGGER: u32 = 3838;
/// `int4range`.
pub const INT4RANGE: u32 = 3904;
/// `numrange`.
pub const NUMRANGE: u32 = 3906;
/// `tsrange`.
pub const TSRANGE: u32 = 3908;
/// `tstzrange`.
pub const TSTZRANGE: u32 = 3910;
/// `daterange`.
pub const DATERANGE: u32 = 3912;
/// `int8range`.
pub const INT8RANGE: u32 = 3926;
/// `jsonpath`.
pub const JSONPATH: u32 = 4072;
/// `regnamespace`.
pub const REGNAMESPACE: u32 = 4089;
/// `regrole`.
pub const REGROLE: u32 = 4096;
/// `regcollation`.
pub const REGCOLLATION: u32 = 4191;
/// `int4multirange`.
pub const INT4MULTIRANGE: u32 = 4451;
/// `nummultirange`.
pub const NUMMULTIRANGE: u32 = 4532;
/// `tsmultirange`.
pub const TSMULTIRANGE: u32 = 4533;
/// `tstzmultirange`.
pub const TSTZMULTIRANGE: u32 = 4534;
/// `datemultirange`.
pub const DATEMULTIRANGE: u32 = 4535;
/// `int8multirange`.
pub const INT8MULTIRANGE: u32 = 4536;
/// `anymultirange`.
pub const ANYMULTIRANGE: u32 = 4537;
/// `anycompatiblemultirange`.
pub const ANYCOMPATIBLEMULTIRANGE: u32 = 4538;
/// `pg_brin_bloom_summary`.
pub const PG_BRIN_BLOOM_SUMMARY: u32 = 4600;
/// `pg_brin_minmax_multi_summary`.
pub const PG_BRIN_MINMAX_MULTI_SUMMARY: u32 = 4601;
/// `pg_mcv_list`.
pub const PG_MCV_LIST: u32 = 5017;
/// `pg_snapshot`.
pub const PG_SNAPSHOT: u32 = 5038;
/// `xid8`.
pub const XID8: u32 = 5069;
/// `anycompatible`.
pub const ANYCOMPATIBLE: u32 = 5077;
/// `anycompatiblearray`.
pub const ANYCOMPATIBLEARRAY: u32 = 5078;
/// `anycompatiblenonarray`.
pub const ANYCOMPATIBLENONARRAY: u32 = 5079;
/// `anycompatiblerange`.
pub const ANYCOMPATIBLERANGE: u32 = 5080;
/// `record[]`.
pub const RECORD_ARRAY: u32 = 2287;
