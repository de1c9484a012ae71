//! The steps of the aggregates that come with the program, as PostgreSQL's `pg_aggregate` names them. They are computed as a
//! whole here (`functions`' table has what does it): nobody calls these functions.

use super::emit::{Emit, flag, int, letter, maybe, number};
use crate::error::CatalogResult;
use crate::object::Oid;
use types::value::Item;

/// What `pg_aggregate` says of an aggregate, functions by their names.
struct Steps {
    aggregate: Oid,
    transition: &'static str,
    last: &'static str,
    combine: &'static str,
    /// Those that write the state and read it.
    serial: (&'static str, &'static str),
    /// The step over a frame that moves, the one that takes back, and the last.
    moving: (&'static str, &'static str, &'static str),
    state: Oid,
    moving_state: Oid,
    space: (i32, i32),
    initial: (Option<&'static str>, Option<&'static str>),
    last_extra: bool,
    last_modifies: u8,
}

const fn steps(aggregate: Oid, transition: &'static str, last: &'static str, state: Oid) -> Steps {
    Steps {
        aggregate,
        transition,
        last,
        combine: "",
        serial: ("", ""),
        moving: ("", "", ""),
        state,
        moving_state: 0,
        space: (0, 0),
        initial: (None, None),
        last_extra: false,
        last_modifies: b'r',
    }
}

impl Steps {
    const fn combined(mut self, combine: &'static str) -> Steps {
        self.combine = combine;
        self
    }

    const fn written(mut self, write: &'static str, read: &'static str) -> Steps {
        self.serial = (write, read);
        self
    }

    const fn moving(
        mut self,
        step: &'static str,
        inverse: &'static str,
        last: &'static str,
        state: Oid,
    ) -> Steps {
        self.moving = (step, inverse, last);
        self.moving_state = state;
        self
    }

    const fn space(mut self, plain: i32, moving: i32) -> Steps {
        self.space = (plain, moving);
        self
    }

    const fn initial(mut self, plain: Option<&'static str>, moving: Option<&'static str>) -> Steps {
        self.initial = (plain, moving);
        self
    }

    const fn extra(mut self) -> Steps {
        self.last_extra = true;
        self
    }

    const fn modifies(mut self, how: u8) -> Steps {
        self.last_modifies = how;
        self
    }
}

/// By number.
#[rustfmt::skip]
const ROWS: &[Steps] = &[
    steps(2050, "array_larger", "", 2277).combined("array_larger"), // max(anyarray)
    steps(2051, "array_smaller", "", 2277).combined("array_smaller"), // min(anyarray)
    steps(2100, "int8_avg_accum", "numeric_poly_avg", 2281).combined("int8_avg_combine").written("int8_avg_serialize", "int8_avg_deserialize").moving("int8_avg_accum", "int8_avg_accum_inv", "numeric_poly_avg", 2281).space(48, 48), // avg(bigint)
    steps(2101, "int4_avg_accum", "int8_avg", 1016).combined("int4_avg_combine").moving("int4_avg_accum", "int4_avg_accum_inv", "int8_avg", 1016).initial(Some("{0,0}"), Some("{0,0}")), // avg(integer)
    steps(2102, "int2_avg_accum", "int8_avg", 1016).combined("int4_avg_combine").moving("int2_avg_accum", "int2_avg_accum_inv", "int8_avg", 1016).initial(Some("{0,0}"), Some("{0,0}")), // avg(smallint)
    steps(2103, "numeric_avg_accum", "numeric_avg", 2281).combined("numeric_avg_combine").written("numeric_avg_serialize", "numeric_avg_deserialize").moving("numeric_avg_accum", "numeric_accum_inv", "numeric_avg", 2281).space(128, 128), // avg(numeric)
    steps(2104, "float4_accum", "float8_avg", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // avg(real)
    steps(2105, "float8_accum", "float8_avg", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // avg(double precision)
    steps(2106, "interval_accum", "interval_avg", 1187).combined("interval_combine").moving("interval_accum", "interval_accum_inv", "interval_avg", 1187).initial(Some("{0 second,0 second}"), Some("{0 second,0 second}")), // avg(interval)
    steps(2107, "int8_avg_accum", "numeric_poly_sum", 2281).combined("int8_avg_combine").written("int8_avg_serialize", "int8_avg_deserialize").moving("int8_avg_accum", "int8_avg_accum_inv", "numeric_poly_sum", 2281).space(48, 48), // sum(bigint)
    steps(2108, "int4_sum", "", 20).combined("int8pl").moving("int4_avg_accum", "int4_avg_accum_inv", "int2int4_sum", 1016).initial(None, Some("{0,0}")), // sum(integer)
    steps(2109, "int2_sum", "", 20).combined("int8pl").moving("int2_avg_accum", "int2_avg_accum_inv", "int2int4_sum", 1016).initial(None, Some("{0,0}")), // sum(smallint)
    steps(2110, "float4pl", "", 700).combined("float4pl"), // sum(real)
    steps(2111, "float8pl", "", 701).combined("float8pl"), // sum(double precision)
    steps(2112, "cash_pl", "", 790).combined("cash_pl").moving("cash_pl", "cash_mi", "", 790), // sum(money)
    steps(2113, "interval_pl", "", 1186).combined("interval_pl").moving("interval_pl", "interval_mi", "", 1186), // sum(interval)
    steps(2114, "numeric_avg_accum", "numeric_sum", 2281).combined("numeric_avg_combine").written("numeric_avg_serialize", "numeric_avg_deserialize").moving("numeric_avg_accum", "numeric_accum_inv", "numeric_sum", 2281).space(128, 128), // sum(numeric)
    steps(2115, "int8larger", "", 20).combined("int8larger"), // max(bigint)
    steps(2116, "int4larger", "", 23).combined("int4larger"), // max(integer)
    steps(2117, "int2larger", "", 21).combined("int2larger"), // max(smallint)
    steps(2118, "oidlarger", "", 26).combined("oidlarger"), // max(oid)
    steps(2119, "float4larger", "", 700).combined("float4larger"), // max(real)
    steps(2120, "float8larger", "", 701).combined("float8larger"), // max(double precision)
    steps(2122, "date_larger", "", 1082).combined("date_larger"), // max(date)
    steps(2123, "time_larger", "", 1083).combined("time_larger"), // max(time without time zone)
    steps(2124, "timetz_larger", "", 1266).combined("timetz_larger"), // max(time with time zone)
    steps(2125, "cashlarger", "", 790).combined("cashlarger"), // max(money)
    steps(2126, "timestamp_larger", "", 1114).combined("timestamp_larger"), // max(timestamp without time zone)
    steps(2127, "timestamptz_larger", "", 1184).combined("timestamptz_larger"), // max(timestamp with time zone)
    steps(2128, "interval_larger", "", 1186).combined("interval_larger"), // max(interval)
    steps(2129, "text_larger", "", 25).combined("text_larger"), // max(text)
    steps(2130, "numeric_larger", "", 1700).combined("numeric_larger"), // max(numeric)
    steps(2131, "int8smaller", "", 20).combined("int8smaller"), // min(bigint)
    steps(2132, "int4smaller", "", 23).combined("int4smaller"), // min(integer)
    steps(2133, "int2smaller", "", 21).combined("int2smaller"), // min(smallint)
    steps(2134, "oidsmaller", "", 26).combined("oidsmaller"), // min(oid)
    steps(2135, "float4smaller", "", 700).combined("float4smaller"), // min(real)
    steps(2136, "float8smaller", "", 701).combined("float8smaller"), // min(double precision)
    steps(2138, "date_smaller", "", 1082).combined("date_smaller"), // min(date)
    steps(2139, "time_smaller", "", 1083).combined("time_smaller"), // min(time without time zone)
    steps(2140, "timetz_smaller", "", 1266).combined("timetz_smaller"), // min(time with time zone)
    steps(2141, "cashsmaller", "", 790).combined("cashsmaller"), // min(money)
    steps(2142, "timestamp_smaller", "", 1114).combined("timestamp_smaller"), // min(timestamp without time zone)
    steps(2143, "timestamptz_smaller", "", 1184).combined("timestamptz_smaller"), // min(timestamp with time zone)
    steps(2144, "interval_smaller", "", 1186).combined("interval_smaller"), // min(interval)
    steps(2145, "text_smaller", "", 25).combined("text_smaller"), // min(text)
    steps(2146, "numeric_smaller", "", 1700).combined("numeric_smaller"), // min(numeric)
    steps(2147, "int8inc_any", "", 20).combined("int8pl").moving("int8inc_any", "int8dec_any", "", 20).initial(Some("0"), Some("0")), // count("any")
    steps(2148, "int8_accum", "numeric_var_samp", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("int8_accum", "int8_accum_inv", "numeric_var_samp", 2281).space(128, 128), // variance(bigint)
    steps(2149, "int4_accum", "numeric_poly_var_samp", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int4_accum", "int4_accum_inv", "numeric_poly_var_samp", 2281).space(48, 48), // variance(integer)
    steps(2150, "int2_accum", "numeric_poly_var_samp", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int2_accum", "int2_accum_inv", "numeric_poly_var_samp", 2281).space(48, 48), // variance(smallint)
    steps(2151, "float4_accum", "float8_var_samp", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // variance(real)
    steps(2152, "float8_accum", "float8_var_samp", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // variance(double precision)
    steps(2153, "numeric_accum", "numeric_var_samp", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("numeric_accum", "numeric_accum_inv", "numeric_var_samp", 2281).space(128, 128), // variance(numeric)
    steps(2154, "int8_accum", "numeric_stddev_samp", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("int8_accum", "int8_accum_inv", "numeric_stddev_samp", 2281).space(128, 128), // stddev(bigint)
    steps(2155, "int4_accum", "numeric_poly_stddev_samp", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int4_accum", "int4_accum_inv", "numeric_poly_stddev_samp", 2281).space(48, 48), // stddev(integer)
    steps(2156, "int2_accum", "numeric_poly_stddev_samp", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int2_accum", "int2_accum_inv", "numeric_poly_stddev_samp", 2281).space(48, 48), // stddev(smallint)
    steps(2157, "float4_accum", "float8_stddev_samp", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // stddev(real)
    steps(2158, "float8_accum", "float8_stddev_samp", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // stddev(double precision)
    steps(2159, "numeric_accum", "numeric_stddev_samp", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("numeric_accum", "numeric_accum_inv", "numeric_stddev_samp", 2281).space(128, 128), // stddev(numeric)
    steps(2236, "int2and", "", 21).combined("int2and"), // bit_and(smallint)
    steps(2237, "int2or", "", 21).combined("int2or"), // bit_or(smallint)
    steps(2238, "int4and", "", 23).combined("int4and"), // bit_and(integer)
    steps(2239, "int4or", "", 23).combined("int4or"), // bit_or(integer)
    steps(2240, "int8and", "", 20).combined("int8and"), // bit_and(bigint)
    steps(2241, "int8or", "", 20).combined("int8or"), // bit_or(bigint)
    steps(2242, "bitand", "", 1560).combined("bitand"), // bit_and(bit)
    steps(2243, "bitor", "", 1560).combined("bitor"), // bit_or(bit)
    steps(2244, "bpchar_larger", "", 1042).combined("bpchar_larger"), // max(character)
    steps(2245, "bpchar_smaller", "", 1042).combined("bpchar_smaller"), // min(character)
    steps(2335, "array_agg_transfn", "array_agg_finalfn", 2281).extra(), // array_agg(anynonarray)
    steps(2517, "booland_statefunc", "", 16).combined("booland_statefunc").moving("bool_accum", "bool_accum_inv", "bool_alltrue", 2281).space(0, 16), // bool_and(boolean)
    steps(2518, "boolor_statefunc", "", 16).combined("boolor_statefunc").moving("bool_accum", "bool_accum_inv", "bool_anytrue", 2281).space(0, 16), // bool_or(boolean)
    steps(2519, "booland_statefunc", "", 16).combined("booland_statefunc").moving("bool_accum", "bool_accum_inv", "bool_alltrue", 2281).space(0, 16), // every(boolean)
    steps(2641, "int8_accum", "numeric_var_samp", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("int8_accum", "int8_accum_inv", "numeric_var_samp", 2281).space(128, 128), // var_samp(bigint)
    steps(2642, "int4_accum", "numeric_poly_var_samp", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int4_accum", "int4_accum_inv", "numeric_poly_var_samp", 2281).space(48, 48), // var_samp(integer)
    steps(2643, "int2_accum", "numeric_poly_var_samp", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int2_accum", "int2_accum_inv", "numeric_poly_var_samp", 2281).space(48, 48), // var_samp(smallint)
    steps(2644, "float4_accum", "float8_var_samp", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // var_samp(real)
    steps(2645, "float8_accum", "float8_var_samp", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // var_samp(double precision)
    steps(2646, "numeric_accum", "numeric_var_samp", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("numeric_accum", "numeric_accum_inv", "numeric_var_samp", 2281).space(128, 128), // var_samp(numeric)
    steps(2712, "int8_accum", "numeric_stddev_samp", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("int8_accum", "int8_accum_inv", "numeric_stddev_samp", 2281).space(128, 128), // stddev_samp(bigint)
    steps(2713, "int4_accum", "numeric_poly_stddev_samp", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int4_accum", "int4_accum_inv", "numeric_poly_stddev_samp", 2281).space(48, 48), // stddev_samp(integer)
    steps(2714, "int2_accum", "numeric_poly_stddev_samp", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int2_accum", "int2_accum_inv", "numeric_poly_stddev_samp", 2281).space(48, 48), // stddev_samp(smallint)
    steps(2715, "float4_accum", "float8_stddev_samp", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // stddev_samp(real)
    steps(2716, "float8_accum", "float8_stddev_samp", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // stddev_samp(double precision)
    steps(2717, "numeric_accum", "numeric_stddev_samp", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("numeric_accum", "numeric_accum_inv", "numeric_stddev_samp", 2281).space(128, 128), // stddev_samp(numeric)
    steps(2718, "int8_accum", "numeric_var_pop", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("int8_accum", "int8_accum_inv", "numeric_var_pop", 2281).space(128, 128), // var_pop(bigint)
    steps(2719, "int4_accum", "numeric_poly_var_pop", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int4_accum", "int4_accum_inv", "numeric_poly_var_pop", 2281).space(48, 48), // var_pop(integer)
    steps(2720, "int2_accum", "numeric_poly_var_pop", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int2_accum", "int2_accum_inv", "numeric_poly_var_pop", 2281).space(48, 48), // var_pop(smallint)
    steps(2721, "float4_accum", "float8_var_pop", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // var_pop(real)
    steps(2722, "float8_accum", "float8_var_pop", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // var_pop(double precision)
    steps(2723, "numeric_accum", "numeric_var_pop", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("numeric_accum", "numeric_accum_inv", "numeric_var_pop", 2281).space(128, 128), // var_pop(numeric)
    steps(2724, "int8_accum", "numeric_stddev_pop", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("int8_accum", "int8_accum_inv", "numeric_stddev_pop", 2281).space(128, 128), // stddev_pop(bigint)
    steps(2725, "int4_accum", "numeric_poly_stddev_pop", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int4_accum", "int4_accum_inv", "numeric_poly_stddev_pop", 2281).space(48, 48), // stddev_pop(integer)
    steps(2726, "int2_accum", "numeric_poly_stddev_pop", 2281).combined("numeric_poly_combine").written("numeric_poly_serialize", "numeric_poly_deserialize").moving("int2_accum", "int2_accum_inv", "numeric_poly_stddev_pop", 2281).space(48, 48), // stddev_pop(smallint)
    steps(2727, "float4_accum", "float8_stddev_pop", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // stddev_pop(real)
    steps(2728, "float8_accum", "float8_stddev_pop", 1022).combined("float8_combine").initial(Some("{0,0,0}"), None), // stddev_pop(double precision)
    steps(2729, "numeric_accum", "numeric_stddev_pop", 2281).combined("numeric_combine").written("numeric_serialize", "numeric_deserialize").moving("numeric_accum", "numeric_accum_inv", "numeric_stddev_pop", 2281).space(128, 128), // stddev_pop(numeric)
    steps(2797, "tidlarger", "", 27).combined("tidlarger"), // max(tid)
    steps(2798, "tidsmaller", "", 27).combined("tidsmaller"), // min(tid)
    steps(2803, "int8inc", "", 20).combined("int8pl").moving("int8inc", "int8dec", "", 20).initial(Some("0"), Some("0")), // count()
    steps(2818, "int8inc_float8_float8", "", 20).combined("int8pl").initial(Some("0"), None), // regr_count(double precision,double precision)
    steps(2819, "float8_regr_accum", "float8_regr_sxx", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // regr_sxx(double precision,double precision)
    steps(2820, "float8_regr_accum", "float8_regr_syy", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // regr_syy(double precision,double precision)
    steps(2821, "float8_regr_accum", "float8_regr_sxy", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // regr_sxy(double precision,double precision)
    steps(2822, "float8_regr_accum", "float8_regr_avgx", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // regr_avgx(double precision,double precision)
    steps(2823, "float8_regr_accum", "float8_regr_avgy", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // regr_avgy(double precision,double precision)
    steps(2824, "float8_regr_accum", "float8_regr_r2", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // regr_r2(double precision,double precision)
    steps(2825, "float8_regr_accum", "float8_regr_slope", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // regr_slope(double precision,double precision)
    steps(2826, "float8_regr_accum", "float8_regr_intercept", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // regr_intercept(double precision,double precision)
    steps(2827, "float8_regr_accum", "float8_covar_pop", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // covar_pop(double precision,double precision)
    steps(2828, "float8_regr_accum", "float8_covar_samp", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // covar_samp(double precision,double precision)
    steps(2829, "float8_regr_accum", "float8_corr", 1022).combined("float8_regr_combine").initial(Some("{0,0,0,0,0,0}"), None), // corr(double precision,double precision)
    steps(2901, "xmlconcat2", "", 142), // xmlagg(xml)
    steps(3175, "json_agg_transfn", "json_agg_finalfn", 2281), // json_agg(anyelement)
    steps(3197, "json_object_agg_transfn", "json_object_agg_finalfn", 2281), // json_object_agg("any","any")
    steps(3267, "jsonb_agg_transfn", "jsonb_agg_finalfn", 2281), // jsonb_agg(anyelement)
    steps(3270, "jsonb_object_agg_transfn", "jsonb_object_agg_finalfn", 2281), // jsonb_object_agg("any","any")
    steps(3526, "enum_larger", "", 3500).combined("enum_larger"), // max(anyenum)
    steps(3527, "enum_smaller", "", 3500).combined("enum_smaller"), // min(anyenum)
    steps(3538, "string_agg_transfn", "string_agg_finalfn", 2281), // string_agg(text,text)
    steps(3545, "bytea_string_agg_transfn", "bytea_string_agg_finalfn", 2281), // string_agg(bytea,bytea)
    steps(3564, "network_larger", "", 869).combined("network_larger"), // max(inet)
    steps(3565, "network_smaller", "", 869).combined("network_smaller"), // min(inet)
    steps(3972, "ordered_set_transition", "percentile_disc_final", 2281).extra().modifies(b's'), // percentile_disc(double precision,anyelement)
    steps(3974, "ordered_set_transition", "percentile_cont_float8_final", 2281).modifies(b's'), // percentile_cont(double precision,double precision)
    steps(3976, "ordered_set_transition", "percentile_cont_interval_final", 2281).modifies(b's'), // percentile_cont(double precision,interval)
    steps(3978, "ordered_set_transition", "percentile_disc_multi_final", 2281).extra().modifies(b's'), // percentile_disc(double precision[],anyelement)
    steps(3980, "ordered_set_transition", "percentile_cont_float8_multi_final", 2281).modifies(b's'), // percentile_cont(double precision[],double precision)
    steps(3982, "ordered_set_transition", "percentile_cont_interval_multi_final", 2281).modifies(b's'), // percentile_cont(double precision[],interval)
    steps(3984, "ordered_set_transition", "mode_final", 2281).extra().modifies(b's'), // mode(anyelement)
    steps(3986, "ordered_set_transition_multi", "rank_final", 2281).extra().modifies(b'w'), // rank("any")
    steps(3988, "ordered_set_transition_multi", "percent_rank_final", 2281).extra().modifies(b'w'), // percent_rank("any")
    steps(3990, "ordered_set_transition_multi", "cume_dist_final", 2281).extra().modifies(b'w'), // cume_dist("any")
    steps(3992, "ordered_set_transition_multi", "dense_rank_final", 2281).extra().modifies(b'w'), // dense_rank("any")
    steps(4053, "array_agg_array_transfn", "array_agg_array_finalfn", 2281).extra(), // array_agg(anyarray)
    steps(4189, "pg_lsn_larger", "", 3220).combined("pg_lsn_larger"), // max(pg_lsn)
    steps(4190, "pg_lsn_smaller", "", 3220).combined("pg_lsn_smaller"), // min(pg_lsn)
    steps(4301, "range_agg_transfn", "range_agg_finalfn", 2281).extra(), // range_agg(anyrange)
    steps(4389, "multirange_intersect_agg_transfn", "", 4537).combined("multirange_intersect_agg_transfn"), // range_intersect_agg(anymultirange)
    steps(4450, "range_intersect_agg_transfn", "", 3831).combined("range_intersect_agg_transfn"), // range_intersect_agg(anyrange)
    steps(5099, "xid8_larger", "", 5069).combined("xid8_larger"), // max(xid8)
    steps(5100, "xid8_smaller", "", 5069).combined("xid8_smaller"), // min(xid8)
    steps(6164, "int2xor", "", 21).combined("int2xor"), // bit_xor(smallint)
    steps(6165, "int4xor", "", 23).combined("int4xor"), // bit_xor(integer)
    steps(6166, "int8xor", "", 20).combined("int8xor"), // bit_xor(bigint)
    steps(6167, "bitxor", "", 1560).combined("bitxor"), // bit_xor(bit)
    steps(6227, "multirange_agg_transfn", "multirange_agg_finalfn", 2281).extra(), // range_agg(anymultirange)
];

/// The row of an aggregate: its kind, how many arguments stand in front, the operator that sorts for it.
pub(super) fn emit(
    aggregate: Oid,
    (kind, direct, sort): (u8, i16, Oid),
    emit: &mut Emit,
) -> CatalogResult<()> {
    let Ok(place) = ROWS.binary_search_by_key(&aggregate, |steps| steps.aggregate) else { return Ok(()) };
    let steps = &ROWS[place];
    let named =
        |name: &str| number(functions::table::functions_named(name).next().map_or(0, |entry| entry.oid));
    emit.row(&[
        number(aggregate),
        letter(kind),
        Item::Int16(direct),
        named(steps.transition),
        named(steps.last),
        named(steps.combine),
        named(steps.serial.0),
        named(steps.serial.1),
        named(steps.moving.0),
        named(steps.moving.1),
        named(steps.moving.2),
        flag(steps.last_extra),
        flag(false),
        letter(steps.last_modifies),
        letter(steps.last_modifies),
        number(sort),
        number(steps.state),
        int(steps.space.0),
        number(steps.moving_state),
        int(steps.space.1),
        maybe(steps.initial.0),
        maybe(steps.initial.1),
    ])
}
