-- Every 20 days of a presentation, how each registered student stands among the registered students of the same
-- presentation, by what has been handed in by that day. `..._above` is the share of them who have less.
WITH report AS (
    SELECT study, module, presentation, started_on, started_on + day::INT AS reported_on
    FROM studies, range(20, 260, 20) AS calendar (day)
    WHERE day < days_long AND (unregistered_on IS NULL OR unregistered_on > started_on + day::INT)
),

placed AS (
    SELECT
        report.study,
        reported_on,
        assessment,
        type,
        banked,
        handed_in_on,
        score,
        marks,
        days_late,
        (score - avg(score) OVER same) / nullif(stddev_samp(score) OVER same, 0) AS deviation,
        if(score IS NULL, NULL, percent_rank() OVER (same ORDER BY score NULLS FIRST)) AS above,
        percent_rank() OVER (same ORDER BY handed_in_on) AS earlier
    FROM report
    JOIN handed_in ON handed_in.study = report.study AND handed_in_on <= reported_on
    WINDOW same AS (PARTITION BY assessment, reported_on)
),

own AS (
    SELECT
        study,
        module,
        presentation,
        reported_on,
        -- Rounded, so that equal marks are equal whatever order they were added in.
        round(coalesce(sum(marks), 0), 6) AS marks,
        count(assessment) FILTER (NOT banked) AS handed_in,
        reported_on - max(handed_in_on) FILTER (NOT banked) AS idle_days,
        avg(score) FILTER (type = 'tma') AS tutor_marked,
        avg(score) FILTER (type = 'cma') AS computer_marked,
        avg(days_late) FILTER (type = 'tma') AS days_late,
        avg(above) AS score_above,
        min(above) AS lowest_score_above,
        arg_max(above, (handed_in_on, assessment)) FILTER (type = 'tma') AS latest_score_above,
        avg(deviation) AS deviation,
        min(deviation) AS lowest_deviation,
        arg_max(deviation, (handed_in_on, assessment)) FILTER (type = 'tma') AS latest_deviation,
        avg(earlier) FILTER (NOT banked) AS handed_in_earlier
    FROM report
    LEFT JOIN placed USING (study, reported_on)
    GROUP BY study, module, presentation, reported_on
),

stood AS (
    SELECT
        study,
        reported_on,
        marks - avg(marks) OVER fellows AS marks_lead,
        percent_rank() OVER (fellows ORDER BY marks) AS marks_above,
        handed_in - avg(handed_in) OVER fellows AS handed_in_lead,
        percent_rank() OVER (fellows ORDER BY idle_days NULLS LAST) AS idle_above,
        if(days_late IS NULL, NULL, percent_rank() OVER (fellows ORDER BY days_late NULLS FIRST)) AS late_above,
        if(tutor_marked IS NULL, NULL, percent_rank() OVER (fellows ORDER BY tutor_marked NULLS FIRST))
            AS tutor_marked_above,
        if(computer_marked IS NULL, NULL, percent_rank() OVER (fellows ORDER BY computer_marked NULLS FIRST))
            AS computer_marked_above,
        score_above,
        lowest_score_above,
        latest_score_above,
        deviation,
        lowest_deviation,
        latest_deviation,
        handed_in_earlier
    FROM own
    WINDOW fellows AS (PARTITION BY module, presentation, reported_on)
)

SELECT study, reported_on, round(COLUMNS(* EXCLUDE (study, reported_on)), 4)
FROM stood
ORDER BY study, reported_on
