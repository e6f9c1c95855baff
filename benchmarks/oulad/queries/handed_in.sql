-- One row an assessment handed in. Scores are known when it is; those banked from an earlier attempt, at the start.
SELECT
    study,
    id_assessment AS assessment,
    lower(assessment_type) AS type,
    started_on + if(is_banked, 0, date_submitted) AS handed_in_on,
    is_banked AS banked,
    weight,
    score,
    weight * score / 100 AS marks,
    if(is_banked, NULL, date_submitted - date::INT) AS days_late
FROM student_assessment
JOIN assessment USING (id_assessment)
JOIN studies ON id_student = student AND code_module = module AND code_presentation = presentation
ORDER BY study, handed_in_on, assessment
