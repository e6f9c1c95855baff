-- One row a student and presentation, with the calendar dates that the data set gives as days from the start.
-- A presentation named B starts on 1 February of its year, J on 1 October.
WITH started AS (
    SELECT
        *,
        concat_ws('-', code_presentation, code_module, id_student) AS study,
        make_date(left(code_presentation, 4)::INT, if(right(code_presentation, 1) = 'B', 2, 10), 1) AS started_on
    FROM student
    JOIN registration USING (code_module, code_presentation, id_student)
    JOIN course USING (code_module, code_presentation)
)

SELECT
    study,
    code_module AS module,
    code_presentation AS presentation,
    id_student AS student,
    started_on,
    module_presentation_length::INT AS days_long,
    num_of_prev_attempts AS previous_attempts,
    studied_credits,
    started_on + date_registration::INT AS registered_on,
    started_on + date_unregistration::INT AS unregistered_on,
    lower(final_result) AS result,
    -- One student of 32,593 unregistered after the end; the result was settled at the end.
    started_on + least(coalesce(date_unregistration, module_presentation_length), module_presentation_length)::INT
        AS result_on,
    gender AS sex,
    disability,
    -- The data set writes '10-20' without the sign that the other bands have.
    if(imd_band = '10-20', '10-20%', imd_band) AS imd_band,
    age_band
FROM started
ORDER BY study
