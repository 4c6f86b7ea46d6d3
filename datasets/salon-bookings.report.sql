-- The report of a month or a year: npm run caudal -- report salon-bookings --month 2026-05, or --year 2026. Change it as you like.
--
-- `@numbers`, `@days`, `@months`, `@bars`, `@grid` and `@table` begin a section: how it is drawn, its name and its title. Each section is one statement,
-- whose first column is the salon. `@with` begins a statement that the sections name, which is run once for all of them. `:start` and `:end` are the
-- first day of the month or year and the first one after it, `:before` is the first day of the month or year before, and `:wanted` is true of the salons
-- that are asked for: all, or the one of --salon. The same SQL runs in DuckDB and in Athena: docs/events.md says more.

-- @with bookings
select salon_id, booking_id,
  min(user_id) as user_id,
  min(case when status = 'created' then local_time end) as created_at,
  min(case when status = 'created' then time_utc end) as created_utc,
  min(case when status = 'completed' then time_utc end) as completed_utc,
  min(case when status = 'completed' then local_date end) as completed_on,
  min(case when status = 'completed' then employee_id end) as employee_id,
  min(case when status = 'cancelled' then time_utc end) as cancelled_utc
from salon_bookings
where :wanted and local_date >= :start - interval '12' month and local_date < :end + interval '2' month
group by 1, 2

-- @with booked
select * from bookings where created_at >= :start and created_at < :end

-- @numbers totals: Bookings
select salon_id,
  count(*) filter (where created_at >= :start) as bookings,
  count(*) filter (where created_at < :start) as period_before,
  round(1e2 * count(*) filter (where created_at >= :start) / nullif(count(*) filter (where created_at < :start), 0) - 1e2, 1) as change_percent,
  count(*) filter (where created_at >= :start and completed_utc is not null) as completed,
  count(*) filter (where created_at >= :start and cancelled_utc is not null) as cancelled,
  round(1e2 * count(*) filter (where created_at >= :start and cancelled_utc is not null) / nullif(count(*) filter (where created_at >= :start), 0), 1) as cancelled_percent
from bookings
where created_at >= :before and created_at < :end
group by 1 order by 1

-- @numbers clients: Clients
select salon_id, count(*) as clients,
  count(*) filter (where earlier > 0) as came_back,
  round(1e2 * count(*) filter (where earlier > 0) / count(*), 1) as came_back_percent
from (
  select salon_id, user_id,
    count(*) filter (where created_at < :start) as earlier,
    count(*) filter (where created_at >= :start) as in_period
  from bookings where created_at < :end
  group by 1, 2
) as by_client
where in_period > 0
group by 1 order by 1

-- @numbers completion: Hours from the booking to its completion
select salon_id,
  round(avg(date_diff('second', created_utc, completed_utc) / 36e2), 1) as mean,
  round(approx_percentile(date_diff('second', created_utc, completed_utc) / 36e2, 0.5), 1) as median,
  round(approx_percentile(date_diff('second', created_utc, completed_utc) / 36e2, 0.9), 1) as nine_in_ten_within
from booked where completed_utc >= created_utc
group by 1 order by 1

-- @days days: Bookings by day
select salon_id, cast(created_at as date) as day,
  count(*) filter (where cancelled_utc is null) as kept,
  count(*) filter (where cancelled_utc is not null) as cancelled
from booked group by 1, 2 order by 1, 2

-- @grid hours: Busiest hours
select salon_id, weekdays.name as weekday, extract(hour from created_at) as hour, count(*) as bookings
from booked
join (values (0, 'Mon'), (1, 'Tue'), (2, 'Wed'), (3, 'Thu'), (4, 'Fri'), (5, 'Sat'), (6, 'Sun')) as weekdays(number, name)
  on weekdays.number = date_diff('day', date '2024-01-01', cast(created_at as date)) % 7
group by salon_id, weekdays.number, weekdays.name, extract(hour from created_at)
order by salon_id, weekdays.number, hour

-- @months months: Month over month
select salon_id, cast(date_trunc('month', created_at) as date) as month,
  count(*) filter (where cancelled_utc is null) as kept,
  count(*) filter (where cancelled_utc is not null) as cancelled
from bookings where created_at >= :end - interval '12' month and created_at < :end
group by 1, 2 order by 1, 2

-- @table employees: Who served
select salon_id, coalesce(cast(employee_id as varchar), 'not said') as employee,
  count(*) as completed
from bookings
where completed_on >= :start and completed_on < :end
group by 1, 2 order by 1, 3 desc, 2
