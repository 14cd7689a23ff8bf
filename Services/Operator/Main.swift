@main
enum Operator {
    static func main() {}
}
