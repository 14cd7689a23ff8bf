import Operator

runOperator()
