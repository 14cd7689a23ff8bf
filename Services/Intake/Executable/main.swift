import Intake

runIntake()
