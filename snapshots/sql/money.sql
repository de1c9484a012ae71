select '12.345'::money, '$1,234,567.89'::money, '-1.5'::money, '(2)'::money, ' 3- '::money, ''::money, '-92233720368547758.08'::money, '0.005'::money, '.5'::money;
select '92233720368547758.08'::money;
select '1x'::money;
select '1,000'::money + '0.01', '1'::money - 2::money, '10'::money * 3, 1.5::float8 * '10'::money, '10'::money / 3, '10'::money / 4::float4, '10'::money / '4'::money, '7'::money / 2::int2;
select '1'::money / 0;
select 12::money, 12.345::numeric::money, '12.34'::money::numeric, 9223372036854775807::money;
select max(m), min(m), sum(m) from (values ('1'::money), ('-2.5'), (null)) v(m);
select cash_words('-1234.01'), cash_words('0'), cash_words('1000000.10'), cash_words('21.21');
select '1'::money < '2', '1'::money = '1.00', cashlarger('1', '2'), array['1'::money, '2'];
