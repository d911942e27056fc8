import Capture
import Foundation
import TestSupport
import Testing

@Suite struct RecordedWorkspacesTests {
    @Test func theNearestNameDecides() throws {
        let directory = try TestDirectory()
        let file = directory.path + "/c/config.toml"
        var workspaces = try RecordedWorkspaces(file: file)
        #expect(workspaces.enclosing("/w") == nil)
        #expect(try workspaces.turnOn("/w"))
        #expect(try !workspaces.turnOn("/w/inner"), "it is on already")
        #expect(try workspaces.turnOff("/w/inner"), "an exception")
        #expect(workspaces.enclosing("/w/x/y") == "/w")
        #expect(workspaces.enclosing("/w/inner/y") == nil)
        #expect(workspaces.enclosing("/ww") == nil)
        let again = try RecordedWorkspaces(file: file)
        #expect(again.on == ["/w"] && again.off == ["/w/inner"])
        #expect(try workspaces.turnOn("/w/inner"))
        #expect(workspaces.enclosing("/w/inner/y") == "/w")
        #expect(try workspaces.turnOff("/w"))
        #expect(try !workspaces.turnOff("/w"))
        #expect(try RecordedWorkspaces(file: file).on.isEmpty)
    }
}
