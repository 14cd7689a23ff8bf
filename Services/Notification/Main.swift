@main
enum Notification {
    static func main() {}
}
