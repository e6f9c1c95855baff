-- One row a student and assessment that fell due while the student was registered, and whether it was in by then.
WITH fell_due AS (
    SELECT study, id_assessment, lower(assessment_type) AS type, started_on + date::INT AS due_on, weight
    FROM studies
    JOIN assessment ON code_module = module AND code_presentation = presentation
    WHERE date IS NOT NULL AND (unregistered_on IS NULL OR unregistered_on > started_on + date::INT)
)

SELECT
    fell_due.study,
    id_assessment AS assessment,
    fell_due.type,
    due_on,
    fell_due.weight,
    handed_in.study IS NOT NULL AS in_on_time
FROM fell_due
LEFT JOIN handed_in
    ON handed_in.study = fell_due.study AND handed_in.assessment = id_assessment AND handed_in_on <= due_on
ORDER BY fell_due.study, due_on, id_assessment
