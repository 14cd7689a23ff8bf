@main
enum Intake {
    static func main() {}
}
