//! What `pg_proc` says of functions that come with the program besides how they are called: PostgreSQL's estimates, which
//! of them its workers may run, and which are in a library there. Each list is in order of numbers.

use crate::object::Oid;

/// Those that only a session's own process may run.
#[rustfmt::skip]
const RESTRICTED: &[Oid] = &[
    817, 1136, 1181, 1391, 1392, 1393, 1598, 1599, 1640, 1641, 1928, 1929, 1930, 1931, 1932, 1933, 1934, 1935,
    1936, 1937, 1938, 1939, 1940, 1941, 1942, 1943, 1944, 1945, 1972, 2022, 2026, 2034, 2094, 2137, 2172, 2196,
    2197, 2198, 2199, 2230, 2282, 2306, 2505, 2506, 2510, 2511, 2739, 2758, 2759, 2760, 2761, 2762, 2769, 2770,
    2771, 2772, 2773, 2775, 2781, 2782, 2783, 2784, 2788, 2844, 2845, 2853, 2854, 2857, 2859, 2878, 2879, 2880,
    2881, 2882, 2883, 2884, 2885, 2886, 2887, 2888, 2889, 2890, 2891, 2892, 2923, 2926, 2929, 2933, 2934, 2935,
    2936, 2937, 2938, 2978, 2979, 2980, 3035, 3036, 3037, 3038, 3039, 3040, 3041, 3042, 3043, 3044, 3045, 3046,
    3047, 3048, 3054, 3055, 3056, 3057, 3063, 3065, 3066, 3067, 3068, 3069, 3070, 3074, 3075, 3089, 3090, 3091,
    3092, 3093, 3094, 3095, 3096, 3099, 3150, 3151, 3152, 3159, 3160, 3161, 3163, 3177, 3195, 3296, 3317, 3318,
    3400, 3426, 3428, 3566, 3582, 3584, 3586, 3587, 3588, 3589, 3590, 3788, 4083, 4390, 4391, 4566, 4567, 4568,
    5053, 6008, 6010, 6011, 6014, 6118, 6169, 6185, 6186, 6187, 6188, 6189, 6190, 6191, 6230, 6231,
];

/// Those that a statement with workers may not have at all.
#[rustfmt::skip]
const UNSAFE: &[Oid] = &[
    275, 715, 764, 765, 767, 952, 953, 954, 955, 956, 957, 958, 964, 1004, 1294, 1402, 1403, 1574, 1575, 1576,
    1765, 2078, 2559, 2924, 2925, 2927, 2928, 2930, 2943, 3086, 3170, 3171, 3172, 3348, 3445, 3457, 3458, 3459,
    3460, 3577, 3578, 3591, 3685, 3689, 3690, 3779, 3780, 3782, 3783, 3784, 3785, 3786, 3789, 3809, 3878, 3952,
    3999, 4014, 4032, 4101, 4220, 4221, 4222, 4223, 4224, 4545, 4546, 4547, 4548, 5059, 5060, 6003, 6004, 6006,
    6007, 6009, 6012, 6013, 6241, 13148, 13149, 13560, 13561, 13562,
];

/// `proparallel`.
pub(super) fn parallel(function: Oid) -> u8 {
    match () {
        () if RESTRICTED.binary_search(&function).is_ok() => b'r',
        () if UNSAFE.binary_search(&function).is_ok() => b'u',
        () => b's',
    }
}

/// Those that cost ten times as much as others.
#[rustfmt::skip]
const DEAR: &[Oid] = &[
    1686, 2079, 2080, 2081, 2082, 2083, 2093, 3024, 3025, 3026, 3027, 3028, 3029, 3082, 3083, 3084, 3353, 3354,
    3403, 3566, 3689, 3690, 3756, 3757, 3758, 3768, 3815, 3829, 3842, 3843, 4568, 5029, 5030, 5031, 6120, 6159,
    6270, 6271, 6272,
];

/// Those that cost a hundred times as much.
#[rustfmt::skip]
const HUNDRED: &[Oid] = &[
    1215, 1216, 1348, 1993, 2923, 2924, 2925, 2926, 2927, 2928, 2929, 2930, 2933, 2934, 2935, 2936, 2937, 2938,
    3445, 3448, 3685, 3743, 3744, 3745, 3746, 3747, 3749, 3750, 3751, 3754, 3755, 3760, 3761, 4201, 4202, 4203,
    4204, 4205, 4206, 4207, 4208, 4209, 4210, 4211, 4212, 4213, 4214, 4215, 4216, 5001, 5006, 5007, 5009, 6183,
    6184, 6249,
];

/// Those that cost a thousand times as much.
const DEAREST: &[Oid] = &[3782, 3783, 3784, 3785];

/// `probin`: the library that PostgreSQL has it in.
pub(super) fn library(function: Oid) -> Option<&'static str> {
    Some(match function {
        4302..=4321 => "$libdir/cyrillic_and_mic",
        4322..=4323 => "$libdir/euc_cn_and_mic",
        4324..=4329 => "$libdir/euc_jp_and_sjis",
        4330..=4331 => "$libdir/euc_kr_and_mic",
        4332..=4337 => "$libdir/euc_tw_and_big5",
        4338..=4343 => "$libdir/latin2_and_win1250",
        4344..=4349 => "$libdir/latin_and_mic",
        4352..=4353 => "$libdir/utf8_and_big5",
        4354..=4357 => "$libdir/utf8_and_cyrillic",
        4358..=4359 => "$libdir/utf8_and_win",
        4360..=4361 => "$libdir/utf8_and_euc_cn",
        4362..=4363 => "$libdir/utf8_and_euc_jp",
        4364..=4365 => "$libdir/utf8_and_euc_kr",
        4366..=4367 => "$libdir/utf8_and_euc_tw",
        4368..=4369 => "$libdir/utf8_and_gb18030",
        4370..=4371 => "$libdir/utf8_and_gbk",
        4372..=4373 => "$libdir/utf8_and_iso8859",
        4374..=4375 => "$libdir/utf8_and_iso8859_1",
        4376..=4377 => "$libdir/utf8_and_johab",
        4378..=4379 => "$libdir/utf8_and_sjis",
        4380..=4381 => "$libdir/utf8_and_uhc",
        4382..=4383 => "$libdir/utf8_and_euc2004",
        4384..=4385 => "$libdir/utf8_and_sjis2004",
        4386..=4387 => "$libdir/euc2004_sjis2004",
        13_148..=13_149 => "$libdir/dict_snowball",
        13_560..=13_562 => "$libdir/plpgsql",
        _ => return None,
    })
}

/// `procost`.
pub(super) fn cost(function: Oid) -> f32 {
    match () {
        () if DEAR.binary_search(&function).is_ok() => 10.0,
        () if DEAREST.binary_search(&function).is_ok() => 1000.0,
        () if HUNDRED.binary_search(&function).is_ok() => 100.0,
        () => 1.0,
    }
}

/// `prosupport`: what helps the planner with calls of it; empty without.
pub(super) fn support(function: Oid) -> &'static str {
    match function {
        79 | 1254 | 1658 => "textregexeq_support",
        669 => "varchar_support",
        850 | 858 | 1569 | 1571 | 1631 | 2005 | 2007 => "textlike_support",
        927..=930 => "network_subset_support",
        1066 | 1067 => "generate_series_int4_support",
        1068 | 1069 => "generate_series_int8_support",
        1200 => "interval_support",
        1238 | 1240 | 1656 => "texticregexeq_support",
        1633 | 1635 | 1660 => "texticlike_support",
        1687 => "varbit_support",
        1703 => "numeric_support",
        1961 | 1967 => "timestamp_support",
        1968 | 1969 => "time_support",
        2147 | 2803 => "int8inc_support",
        2331 => "array_unnest_support",
        3100 => "window_row_number_support",
        3101 => "window_rank_support",
        3102 => "window_dense_rank_support",
        3696 => "text_starts_with_support",
        _ => "",
    }
}
