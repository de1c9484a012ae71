select p from (select point(x, y) p from generate_series(-1, 21) x, generate_series(-1, 21) y) s where p <@ polygon '((-0.5,-0.75),(-0.5,20.5),(20.3,20.5))' order by p[0], p[1];
select p from (select point(x, y) p from generate_series(-1, 7) x, generate_series(-1, 7) y) s where p <@ polygon '((0,0),(0,6),(6,6))' order by p[0], p[1];
select p from (select point(x, y) p from generate_series(-1, 7) x, generate_series(-1, 7) y) s where p <@ polygon '((0,0),(6,0),(3,2),(6,6))' order by p[0], p[1];
select x, y, polygon(box(point(x, y), point(x + 3, y + 2))) <@ polygon '((0,0),(0,30),(30,30))' as within from generate_series(0, 6) x, generate_series(0, 6) y;
